package meeting

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = audit.Name(map[string]string{
	"agenda.add": "Point ajouté à l’ordre du jour", "agenda.change": "Point de l’ordre du jour modifié",
	"agenda.remove": "Point retiré de l’ordre du jour", "agenda.order": "Ordre du jour réordonné",
	"agenda.postpone": "Point déplacé à une autre réunion", "agenda.push_up": "Point transmis au CMTIN",
	"agenda.take_standing": "Points permanents repris à l’ordre du jour",
})

var (
	errNoItem     = problem.New(problem.NotFound, "Ce point n’existe pas.")
	errAgendaOver = problem.New(problem.Invalid, "Cette réunion est tenue ou n’a plus lieu : son ordre du jour ne change plus.")
	errItemLeft   = problem.New(problem.Invalid, "Ce point est déplacé à une autre réunion : c’est là-bas qu’il se modifie.")
)

// ItemInput is what the team types of a point.
type ItemInput struct {
	Title, Text string
	Kind        ItemKind
	Minutes     int
	Rapporteur  string
	Parent      ItemID // AddItem only: a sub-point of it; 0: a point
	Version     int    // UpdateItem only: the one the form showed
}

func (in ItemInput) check() error {
	switch {
	case in.Title == "":
		return problem.OnField("titre", "Saisissez l’intitulé du point.")
	case utf8.RuneCountInString(in.Title) > 200:
		return problem.OnField("titre", "Gardez 200 caractères au plus.")
	case utf8.RuneCountInString(in.Text) > 4000:
		return problem.OnField("texte", "Gardez 4 000 caractères au plus.")
	case !slices.Contains(ItemKinds, in.Kind):
		return problem.OnField("nature", "Choisissez ce que la réunion est appelée à faire.")
	case in.Minutes < 0 || in.Minutes > 600:
		return problem.OnField("duree", "Saisissez une durée entre 0 et 600 minutes.")
	case utf8.RuneCountInString(in.Rapporteur) > 160:
		return problem.OnField("rapporteur", "Gardez 160 caractères au plus.")
	}
	return nil
}

// Agenda is what the team's page of an agenda shows.
type Agenda struct {
	Meeting   Meeting
	Items     []Item
	Following []Following // under the points of kind FollowUp
	Documents []Document
	Pushed    []ItemID // points already pushed up to the CMTIN
	Missing   int      // standing points of the body that are not in it

	// Of AgendaItem only: where its point may go, and why it cannot be removed.
	Destinations []Destination
	Kept         error
}

// Item returns the point of the agenda with its id, nil when it is not there.
func (a Agenda) Item(id ItemID) *Item {
	i := slices.IndexFunc(a.Items, func(x Item) bool { return x.ID == id })
	if i < 0 {
		return nil
	}
	return &a.Items[i]
}

// Agenda returns the agenda of a meeting for the team, in two round trips.
func (s *Service) Agenda(ctx context.Context, by access.Actor, id ID) (Agenda, error) {
	return s.AgendaItem(ctx, by, id, 0)
}

// AgendaItem is Agenda for the pages about one of its points.
func (s *Service) AgendaItem(ctx context.Context, by access.Actor, id ID, item ItemID) (Agenda, error) {
	m, sight, err := load(ctx, s.db, by, id)
	if err != nil {
		return Agenda{}, err
	}
	if sight < Backstage {
		return Agenda{}, ErrNotFound
	}
	v := Agenda{Meeting: m}
	var b postgres.Batch
	AddItems(&b, &v.Items, id, Backstage)
	addFollowing(&b, &v.Following, m, Backstage)
	addDocuments(&b, &v.Documents, id, Backstage)
	var pushed []struct {
		ID ItemID `db:"pushed_from_id"`
	}
	postgres.AddList(&b, &pushed, `
		SELECT p.pushed_from_id FROM agenda_proposal p JOIN agenda_item i ON i.id = p.pushed_from_id WHERE i.meeting_id = $1`, id)
	postgres.AddValue(&b, &v.Missing, `
		SELECT count(*)::integer FROM standing_item s
		WHERE s.body = $2 AND NOT EXISTS (SELECT FROM agenda_item i WHERE i.meeting_id = $1 AND i.title = s.title)`, id, m.Body)
	var use itemUse
	if item != 0 {
		postgres.AddList(&b, &v.Destinations, destinationsSQL, m.Body, m.StartsAt)
		postgres.AddOne(&b, &use, itemUseSQL, item)
	}
	if err := b.Run(ctx, s.db); err != nil {
		return Agenda{}, postgres.Wrap(err, "read agenda")
	}
	v.Kept = use.refusal()
	for _, p := range pushed {
		v.Pushed = append(v.Pushed, p.ID)
	}
	return v, nil
}

// ownAgenda locks a meeting whose agenda may still change, and reads its points.
func (s *Service) ownAgenda(ctx context.Context, tx pgx.Tx, by access.Actor, id ID) (Meeting, []Item, error) {
	m, err := own(ctx, tx, by, id, 0)
	if err != nil {
		return m, nil, err
	}
	if !m.Open() {
		return m, nil, errAgendaOver
	}
	items, err := s.Items(ctx, tx, id)
	return m, items, err
}

// itemOf returns a point of the list: errNoItem when it is of another meeting.
func itemOf(items []Item, id ItemID) (Item, error) {
	for _, i := range items {
		if i.ID == id {
			return i, nil
		}
	}
	return Item{}, errNoItem
}

// AddItem adds a point, before the standing ones that close the agenda, or a
// sub-point, last of its point.
func (s *Service) AddItem(ctx context.Context, by access.Actor, id ID, in ItemInput) (added Item, err error) {
	if err := in.check(); err != nil {
		return Item{}, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, items, err := s.ownAgenda(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if in.Parent != 0 {
			parent, err := itemOf(items, in.Parent)
			switch {
			case err != nil:
				return problem.OnField("dans", "Ce point n’est plus à l’ordre du jour : choisissez-en un autre.")
			case parent.Parent != 0 || parent.MovedTo != 0:
				return problem.OnField("dans", "Choisissez un point qui n’est ni un sous-point ni déplacé.")
			}
		}
		added, err = s.insertItem(ctx, tx, m, items, in, "", 0)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, itemEntry("agenda.add", m, added, nil, in))
	})
	return added, err
}

// insertItem writes a new point in its place and returns it. The meeting is locked;
// items are its points before.
func (s *Service) insertItem(ctx context.Context, tx pgx.Tx, m Meeting, items []Item, in ItemInput, origin string, from ItemID) (Item, error) {
	last, err := closingItems(ctx, tx, m)
	if err != nil {
		return Item{}, err
	}
	id, err := postgres.Value[ItemID](ctx, tx, `
		INSERT INTO agenda_item (meeting_id, parent_id, position, title, text, kind, minutes, rapporteur, origin, origin_id)
		VALUES ($1, nullif($2, 0), (SELECT coalesce(max(position), 0) + 1 FROM agenda_item WHERE meeting_id = $1 AND coalesce(parent_id, 0) = $2),
		        $3, $4, $5, $6, $7, $8, nullif($9, 0)) RETURNING id`,
		m.ID, int64(in.Parent), in.Title, in.Text, string(in.Kind), in.Minutes, in.Rapporteur, origin, int64(from))
	if err != nil {
		return Item{}, postgres.Wrap(err, "insert point")
	}
	if in.Parent == 0 {
		t := treeOf(items)
		at := len(t)
		for at > 0 && slices.Contains(last, t[at-1].item) {
			at--
		}
		if err := arrangeItems(ctx, tx, slices.Insert(t, at, branch{item: id})); err != nil {
			return Item{}, err
		}
	}
	items, err = s.Items(ctx, tx, m.ID)
	if err != nil {
		return Item{}, err
	}
	return itemOf(items, id)
}

// closingItems are the standing points that end the agenda (« Questions diverses »).
func closingItems(ctx context.Context, q postgres.Querier, m Meeting) ([]ItemID, error) {
	v, err := postgres.Values[ItemID](ctx, q, `
		SELECT i.id FROM agenda_item i
		JOIN standing_item s ON s.body = $2 AND s.place = 'last' AND s.title = i.title
		WHERE i.meeting_id = $1 AND i.origin = 'standing' AND i.parent_id IS NULL`, m.ID, m.Body)
	return v, postgres.Wrap(err, "closing points")
}

// itemEntry is what an act about a point leaves in the journal.
func itemEntry(action string, m Meeting, i Item, before, after any) audit.Entry {
	return audit.Entry{Action: action, Object: "meeting", ID: int64(m.ID), Label: "Point " + i.Number + ", " + i.Title, Before: before, After: after}
}

// UpdateItem changes a point; in.Version is the one the form showed.
func (s *Service) UpdateItem(ctx context.Context, by access.Actor, id ID, item ItemID, in ItemInput) error {
	if err := in.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, items, err := s.ownAgenda(ctx, tx, by, id)
		if err != nil {
			return err
		}
		old, err := itemOf(items, item)
		switch {
		case err != nil:
			return err
		case old.MovedTo != 0:
			return errItemLeft
		case old.Version != in.Version:
			return errStale
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE agenda_item SET title = $2, text = $3, kind = $4, minutes = $5, rapporteur = $6, version = version + 1
			WHERE id = $1`, item, in.Title, in.Text, string(in.Kind), in.Minutes, in.Rapporteur); err != nil {
			return postgres.Wrap(err, "update point")
		}
		return audit.Record(ctx, tx, by, itemEntry("agenda.change", m, old, inputOf(old), in))
	})
}

func inputOf(i Item) ItemInput {
	return ItemInput{Title: i.Title, Text: i.Text, Kind: i.Kind, Minutes: i.Minutes, Rapporteur: i.Rapporteur, Parent: i.Parent, Version: i.Version}
}

// itemUse is what else speaks of a point.
type itemUse struct {
	Subs      bool `db:"subs"`
	Left      bool `db:"left_traces"`
	PushedUp  bool `db:"pushed_up"`
	CarriedOn bool `db:"carried_on"`
}

func (u itemUse) refusal() error {
	switch {
	case u.Subs:
		return problem.New(problem.Invalid, "Ce point a des sous-points : retirez-les d’abord, ou faites-en des points.")
	case u.Left:
		return problem.New(problem.Invalid, "Des notes, des décisions ou des présences citent ce point : il reste à l’ordre du jour.")
	case u.PushedUp:
		return problem.New(problem.Invalid, "Ce point est transmis au CMTIN : il reste à l’ordre du jour, qui en garde l’origine.")
	case u.CarriedOn:
		return problem.New(problem.Invalid, "Ce point est déplacé à une autre réunion : il reste à l’ordre du jour, qui en garde la trace.")
	}
	return nil
}

const itemUseSQL = `
	SELECT EXISTS (SELECT FROM agenda_item WHERE parent_id = $1) AS subs,
	       EXISTS (SELECT FROM item_note WHERE item_id = $1) OR EXISTS (SELECT FROM decision WHERE item_id = $1)
	           OR EXISTS (SELECT FROM position_taken WHERE item_id = $1) OR EXISTS (SELECT FROM asked_action WHERE item_id = $1)
	           OR EXISTS (SELECT FROM attendance WHERE $1 IN (arrived_item_id, left_item_id)) AS left_traces,
	       EXISTS (SELECT FROM agenda_proposal WHERE pushed_from_id = $1) AS pushed_up,
	       EXISTS (SELECT FROM agenda_item WHERE origin_id = $1) AS carried_on`

// RemoveItem takes a point off an agenda. Its documents stay with the meeting; a
// proposal it came from waits again, and a point moved here goes back where it was.
func (s *Service) RemoveItem(ctx context.Context, by access.Actor, id ID, item ItemID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, items, err := s.ownAgenda(ctx, tx, by, id)
		if err != nil {
			return err
		}
		old, err := itemOf(items, item)
		if err != nil {
			return err
		}
		use, err := postgres.One[itemUse](ctx, tx, itemUseSQL, item)
		if err != nil {
			return postgres.Wrap(err, "what uses a point")
		}
		if err := use.refusal(); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			WITH documents AS (UPDATE meeting_document SET item_id = NULL WHERE item_id = $1),
			     proposals AS (UPDATE agenda_proposal SET state = 'waiting', item_id = NULL, decided_at = NULL, version = version + 1 WHERE item_id = $1)
			UPDATE agenda_item SET moved_to_id = NULL WHERE moved_to_id = $1`, item); err != nil {
			return postgres.Wrap(err, "release a point")
		}
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM agenda_item WHERE id = $1`, item); err != nil {
			return postgres.Wrap(err, "remove point")
		}
		if err := arrangeItems(ctx, tx, treeOf(slices.DeleteFunc(items, func(i Item) bool { return i.ID == item }))); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, itemEntry("agenda.remove", m, old, inputOf(old), nil))
	})
}
