package meeting

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var _ = audit.Name(map[string]string{
	"standing.add": "Point permanent ajouté", "standing.change": "Point permanent modifié",
	"standing.remove": "Point permanent retiré", "standing.order": "Points permanents réordonnés",
})

// StandingPlace says where a standing point goes: before the points of the day, or
// after them.
type StandingPlace string

// The closed set of places (constraint standing_item_place_check).
const (
	PlaceFirst StandingPlace = "first"
	PlaceLast  StandingPlace = "last"
)

// StandingPlaces lists the places in display order.
var StandingPlaces = []StandingPlace{PlaceFirst, PlaceLast}

// Label returns the French name of the place.
func (p StandingPlace) Label() string {
	switch p {
	case PlaceFirst:
		return "Au début"
	case PlaceLast:
		return "À la fin"
	}
	return string(p)
}

// StandingItem is a point that every meeting of a body has.
type StandingItem struct {
	ID       StandingID          `json:"id" db:"id"`
	Body     governance.BodyCode `json:"body" db:"body"`
	Position int                 `json:"position" db:"position"`
	Place    StandingPlace       `json:"place" db:"place"`
	Title    string              `json:"title" db:"title"`
	Kind     ItemKind            `json:"kind" db:"kind"`
	Minutes  int                 `json:"minutes" db:"minutes"`
	Version  int                 `json:"version" db:"version"`
}

var errNoStanding = problem.New(problem.NotFound, "Ce point permanent n’existe pas.")

func (i StandingItem) check() error {
	switch {
	case i.Title == "":
		return problem.OnField("titre", "Saisissez l’intitulé du point.")
	case utf8.RuneCountInString(i.Title) > 200:
		return problem.OnField("titre", "Gardez 200 caractères au plus.")
	case !slices.Contains(ItemKinds, i.Kind):
		return problem.OnField("nature", "Choisissez ce que la réunion est appelée à faire.")
	case i.Minutes < 0 || i.Minutes > 600:
		return problem.OnField("duree", "Saisissez une durée entre 0 et 600 minutes.")
	case !slices.Contains(StandingPlaces, i.Place):
		return problem.OnField("place", "Choisissez où le point se place.")
	}
	return nil
}

// Standing lists the standing points of a body, in the order of an agenda.
func (s *Service) Standing(ctx context.Context, by access.Actor, body governance.BodyCode) ([]StandingItem, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	return standingOf(ctx, s.db, body)
}

func standingOf(ctx context.Context, q postgres.Querier, body governance.BodyCode) ([]StandingItem, error) {
	v, err := postgres.List[StandingItem](ctx, q, `
		SELECT id, body, position, place, title, kind, minutes, version FROM standing_item
		WHERE body = $1 ORDER BY place = 'last', position, id`, body)
	return v, postgres.Wrap(err, "standing points")
}

// inStanding runs f on the standing points of a body, its row locked: they change
// one at a time.
func (s *Service) inStanding(ctx context.Context, by access.Actor, body governance.BodyCode, f func(pgx.Tx, []StandingItem) (audit.Entry, error)) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		position, err := postgres.Value[int64](ctx, tx, `SELECT position FROM body WHERE code = $1 FOR NO KEY UPDATE`, body)
		if postgres.IsNoRows(err) {
			return errNoStanding
		}
		if err != nil {
			return postgres.Wrap(err, "lock body")
		}
		all, err := standingOf(ctx, tx, body)
		if err != nil {
			return err
		}
		e, err := f(tx, all)
		if err != nil || e.Action == "" {
			return err
		}
		e.Object, e.ID, e.Label = "body", position, e.Label+", "+body.Label()
		return audit.Record(ctx, tx, by, e)
	})
}

func standingAt(all []StandingItem, id StandingID) (int, error) {
	i := slices.IndexFunc(all, func(x StandingItem) bool { return x.ID == id })
	if i < 0 {
		return 0, errNoStanding
	}
	return i, nil
}

// newTitle refuses a second point of the same name: agendas tell them by it.
func newTitle(all []StandingItem, in StandingItem) error {
	for _, o := range all {
		if o.ID != in.ID && strings.EqualFold(o.Title, in.Title) {
			return problem.OnField("titre", "Cette instance a déjà un point permanent de ce nom.")
		}
	}
	return nil
}

// AddStanding adds a standing point to a body, last of its place.
func (s *Service) AddStanding(ctx context.Context, by access.Actor, in StandingItem) error {
	if err := in.check(); err != nil {
		return err
	}
	return s.inStanding(ctx, by, in.Body, func(tx pgx.Tx, all []StandingItem) (audit.Entry, error) {
		if len(all) >= 30 {
			return audit.Entry{}, problem.New(problem.Invalid, "Cette instance a déjà trente points permanents : retirez-en un d’abord.")
		}
		if err := newTitle(all, in); err != nil {
			return audit.Entry{}, err
		}
		_, err := postgres.Exec(ctx, tx, `
			INSERT INTO standing_item (body, position, place, title, kind, minutes)
			VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM standing_item WHERE body = $1 AND place = $2), $2, $3, $4, $5)`,
			in.Body, string(in.Place), in.Title, string(in.Kind), in.Minutes)
		return audit.Entry{Action: "standing.add", Label: in.Title, After: in}, postgres.Wrap(err, "add standing point")
	})
}

// UpdateStanding changes a standing point; in.Version is the one the form showed.
// Agendas already laid keep theirs.
func (s *Service) UpdateStanding(ctx context.Context, by access.Actor, in StandingItem) error {
	if err := in.check(); err != nil {
		return err
	}
	return s.inStanding(ctx, by, in.Body, func(tx pgx.Tx, all []StandingItem) (audit.Entry, error) {
		i, err := standingAt(all, in.ID)
		if err != nil {
			return audit.Entry{}, err
		}
		old := all[i]
		if old.Version != in.Version {
			return audit.Entry{}, errStale
		}
		if err := newTitle(all, in); err != nil {
			return audit.Entry{}, err
		}
		// At the end of its new place when it changes place, else where it was.
		_, err = postgres.Exec(ctx, tx, `
			UPDATE standing_item SET title = $2, kind = $3, minutes = $4, place = $5, version = version + 1,
			       position = CASE WHEN place = $5 THEN position
			                  ELSE (SELECT coalesce(max(position), 0) + 1 FROM standing_item o WHERE o.body = standing_item.body AND o.place = $5) END
			WHERE id = $1`, in.ID, in.Title, string(in.Kind), in.Minutes, string(in.Place))
		return audit.Entry{Action: "standing.change", Label: in.Title, Before: old, After: in}, postgres.Wrap(err, "update standing point")
	})
}

// RemoveStanding takes a standing point off. Agendas already laid keep theirs.
func (s *Service) RemoveStanding(ctx context.Context, by access.Actor, body governance.BodyCode, id StandingID) error {
	return s.inStanding(ctx, by, body, func(tx pgx.Tx, all []StandingItem) (audit.Entry, error) {
		i, err := standingAt(all, id)
		if err != nil {
			return audit.Entry{}, err
		}
		_, err = postgres.Exec(ctx, tx, `DELETE FROM standing_item WHERE id = $1`, id)
		return audit.Entry{Action: "standing.remove", Label: all[i].Title, Before: all[i]}, postgres.Wrap(err, "remove standing point")
	})
}

// MoveStanding moves a standing point before or after its neighbour of the same
// place. A step that leads nowhere changes nothing.
func (s *Service) MoveStanding(ctx context.Context, by access.Actor, body governance.BodyCode, id StandingID, step Step) error {
	return s.inStanding(ctx, by, body, func(tx pgx.Tx, all []StandingItem) (audit.Entry, error) {
		i, err := standingAt(all, id)
		if err != nil {
			return audit.Entry{}, err
		}
		j := i + 1
		if step == StepUp {
			j = i - 1
		}
		if j < 0 || j >= len(all) || all[j].Place != all[i].Place {
			return audit.Entry{}, nil
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE standing_item SET position = CASE id WHEN $1 THEN $4::smallint ELSE $3::smallint END WHERE id IN ($1, $2)`,
			id, all[j].ID, all[i].Position, all[j].Position)
		return audit.Entry{Action: "standing.order", Label: all[i].Title}, postgres.Wrap(err, "move standing point")
	})
}

// TakeStanding lays on an agenda the standing points of its body that it lacks, and
// returns how many.
func (s *Service) TakeStanding(ctx context.Context, by access.Actor, id ID) (added int, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, _, err := s.ownAgenda(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if added, err = s.layStanding(ctx, tx, m.ID, m.Body); err != nil || added == 0 {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "agenda.take_standing", Object: "meeting", ID: int64(id), Label: m.Title(),
			After: map[string]int{"points": added}})
	})
	return added, err
}

// layStanding adds the standing points that an agenda lacks: the first ones before
// its points, the last ones after. The meeting is locked.
func (s *Service) layStanding(ctx context.Context, tx pgx.Tx, id ID, body governance.BodyCode) (int, error) {
	items, err := s.Items(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	type laid struct {
		ID    ItemID        `db:"id"`
		Place StandingPlace `db:"place"`
	}
	fresh, err := postgres.List[laid](ctx, tx, `
		WITH lacking AS (
			SELECT s.title, s.kind, s.minutes, s.place, row_number() OVER (ORDER BY s.place = 'last', s.position) AS n
			FROM standing_item s
			WHERE s.body = $2 AND NOT EXISTS (SELECT FROM agenda_item i WHERE i.meeting_id = $1 AND i.title = s.title)
		), added AS (
			INSERT INTO agenda_item (meeting_id, position, title, kind, minutes, origin)
			SELECT $1, (SELECT coalesce(max(position), 0) FROM agenda_item WHERE meeting_id = $1 AND parent_id IS NULL) + n, title, kind, minutes, 'standing'
			FROM lacking ORDER BY n RETURNING id, title, position
		)
		SELECT a.id, l.place FROM added a JOIN lacking l USING (title) ORDER BY l.n`, id, body)
	if err != nil {
		return 0, postgres.Wrap(err, "lay standing points")
	}
	var first, last []branch
	for _, l := range fresh {
		if l.Place == PlaceFirst {
			first = append(first, branch{item: l.ID})
		} else {
			last = append(last, branch{item: l.ID})
		}
	}
	return len(fresh), arrangeItems(ctx, tx, slices.Concat(first, treeOf(items), last))
}
