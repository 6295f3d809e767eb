package roadmap

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// MaxPartners is how many partners the form of an action takes.
const MaxPartners = 20

// Fields is what the journal keeps of a sheet with its communes and partners.
func (w Whole) Fields() map[string]any {
	f := w.Action.Fields()
	f["communes"] = "Les 28 communes"
	if !w.AllCommunes {
		f["communes"] = actionNames(w.Communes)
	}
	f["partenaires"] = actionNames(w.Partners)
	return f
}

func actionNames(parties []Party) []string {
	names := make([]string, len(parties))
	for i, p := range parties {
		names[i] = p.Name
		if p.Part != "" {
			names[i] += " (" + p.Part + ")"
		}
	}
	return names
}

// AddAction writes an action the team proposes, linked with w.Decisions, and returns its
// id. Fields: those of Action.Check, pilote, personne, partenaires, decision.
func (s *Service) AddAction(ctx context.Context, by access.Actor, w Whole) (ID, error) {
	if err := RequireTeam(by); err != nil {
		return 0, err
	}
	w.Status = Proposed
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := actionPeople(ctx, tx, w, Action{}); err != nil {
			return err
		}
		ids, err := Insert(ctx, tx, by, []Whole{w})
		if err != nil {
			return err
		}
		w.ID = ids[0]
		return carryDecisions(ctx, tx, by, w)
	})
	return w.ID, err
}

// carryDecisions links a new action with the decisions it was made out of.
func carryDecisions(ctx context.Context, tx pgx.Tx, by access.Actor, w Whole) error {
	if len(w.Decisions) == 0 {
		return nil
	}
	a, err := Load(ctx, tx, w.ID)
	if err != nil {
		return err
	}
	for _, d := range w.Decisions {
		if _, err := AttachDecision(ctx, tx, by, a, d.ID); err != nil {
			return err
		}
	}
	return nil
}

// ChangeAction writes the fields, the communes and the partners of an action over
// version w.Version. Status, confidence and lines have acts of their own.
func (s *Service) ChangeAction(ctx context.Context, by access.Actor, w Whole) error {
	if err := RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := Lock(ctx, tx, w.ID, w.Version); err != nil {
			return err
		}
		before, err := ReadOne(ctx, tx, w.ID)
		if err != nil {
			return err
		}
		if err := actionPeople(ctx, tx, w, before.Action); err != nil {
			return err
		}
		if err := actionWrite(ctx, tx, w); err != nil {
			return err
		}
		after, err := ReadOne(ctx, tx, w.ID)
		if err != nil {
			return err
		}
		return Record(ctx, tx, by, "change", after.Action, before.Fields(), after.Fields())
	})
}

func actionWrite(ctx context.Context, tx pgx.Tx, w Whole) error {
	communes := make([]OrganisationID, len(w.Communes))
	for i, c := range w.Communes {
		communes[i] = c.ID
	}
	if err := Write(ctx, tx, w.Action); err != nil {
		return err
	}
	if err := SetCommunes(ctx, tx, w.ID, w.AllCommunes, communes); err != nil {
		return err
	}
	return SetPartners(ctx, tx, w.ID, w.Partners)
}

// actionPeople refuses a partner given twice, and a pilot person who does not act for
// the pilot organisation. One recorded earlier who has since left it stays until
// somebody changes who pilots.
func actionPeople(ctx context.Context, tx pgx.Tx, w Whole, before Action) error {
	if len(w.Partners) > MaxPartners {
		return problem.OnField("partenaires", "Une action a vingt partenaires au plus.")
	}
	if err := actionCommunes(ctx, tx, w.Communes); err != nil {
		return err
	}
	for i, p := range w.Partners {
		if slices.ContainsFunc(w.Partners[:i], func(q Party) bool { return q.ID == p.ID }) {
			return problem.OnField("partenaires", "Un partenaire est choisi deux fois : gardez une seule ligne.")
		}
	}
	if w.PilotPersonID == 0 || w.PilotPersonID == before.PilotPersonID && w.PilotID == before.PilotID {
		return nil
	}
	ok, err := postgres.Value[bool](ctx, tx, `SELECT EXISTS (SELECT FROM (`+actingSQL+`) x WHERE x.organisation_id = $1 AND x.person_id = $2)`,
		w.PilotID, w.PilotPersonID)
	if err == nil && !ok {
		return problem.OnField("personne", "Choisissez une personne qui agit pour l’organisation pilote.")
	}
	return postgres.Wrap(err, "pilot of an action")
}

// actionCommunes refuses what is no commune.
func actionCommunes(ctx context.Context, tx pgx.Tx, communes []Party) error {
	if len(communes) == 0 {
		return nil
	}
	ids := make([]OrganisationID, len(communes))
	for i, c := range communes {
		ids[i] = c.ID
	}
	ok, err := postgres.Value[bool](ctx, tx, `SELECT NOT EXISTS (SELECT FROM unnest($1::bigint[]) AS i WHERE i NOT IN (SELECT organisation_id FROM commune))`, ids)
	if err == nil && !ok {
		return problem.OnField("communes", "Une de ces communes n’existe pas.")
	}
	return postgres.Wrap(err, "communes of an action")
}

// actingSQL is who acts for which organisation today: its people, those who hold its
// seat; for the metropole its team, its Présidente and its councillor.
const actingSQL = `
	SELECT n.organisation_id, n.person_id FROM membership n WHERE n.during @> paris_today()
	UNION SELECT coalesce(s.organisation_id, o.id), m.person_id
	FROM mandate m JOIN seat s ON s.id = m.seat_id LEFT JOIN organisation o ON o.kind = 'metropole' AND s.kind IN ('president', 'councillor')
	WHERE m.during @> paris_today() AND coalesce(s.organisation_id, o.id) IS NOT NULL
	UNION SELECT o.id, c.person_id
	FROM role_grant g JOIN account c ON c.id = g.account_id JOIN organisation o ON o.kind = 'metropole'
	WHERE g.role = 'team' AND g.ended_at IS NULL`

// Choice is an organisation, or a person who acts for it, that a form offers.
type Choice struct {
	ID    int64  `db:"id"`
	Name  string `db:"name"`
	Group string `db:"grp"` // kind of the organisation; the organisation of a person
}

// ActionForm is what the form of an action is filled from.
type ActionForm struct {
	Whole         // zero for a new one
	Axes          []Axis
	Organisations []Choice // by kind, the metropole first
	Communes28    []Choice
	People        []Choice // by organisation
	FNE           []string // objectives other actions serve
}

// ActionForm returns the choices of the form, with the action when id is not 0. pilot
// is the organisation typed, whose people are offered even when it is a structure:
// those of the others are too many for one list.
func (s *Service) ActionForm(ctx context.Context, by access.Actor, id ID, pilot OrganisationID) (ActionForm, error) {
	if err := RequireTeam(by); err != nil {
		return ActionForm{}, err
	}
	var (
		v      ActionForm
		b      postgres.Batch
		finish func() []Whole
		fne    []struct{ FNE string }
	)
	finish = AddWhole(&b, []ID{id})
	AddAxes(&b, &v.Axes)
	postgres.AddList(&b, &v.Organisations, `
		SELECT o.id, o.name, o.kind AS grp FROM organisation o
		WHERE o.kind <> 'structure' OR EXISTS (SELECT FROM structure s WHERE s.organisation_id = o.id AND s.state = 'accepted')
		   OR o.id = (SELECT pilot_id FROM roadmap_action WHERE id = $1)
		   OR EXISTS (SELECT FROM action_partner p WHERE p.action_id = $1 AND p.organisation_id = o.id)
		ORDER BY array_position(ARRAY['metropole', 'partner', 'commune', 'state_service', 'structure'], o.kind), fold(o.name), o.id`, id)
	postgres.AddList(&b, &v.Communes28, `
		SELECT o.id, o.name, '' AS grp FROM commune c JOIN organisation o ON o.id = c.organisation_id ORDER BY fold(o.name)`)
	postgres.AddList(&b, &v.People, `
		SELECT p.id, p.first_name || ' ' || p.last_name AS name, o.name AS grp
		FROM (`+actingSQL+` UNION SELECT pilot_id, pilot_person_id FROM roadmap_action WHERE id = $1) x
		JOIN organisation o ON o.id = x.organisation_id JOIN person p ON p.id = x.person_id
		WHERE o.kind <> 'structure' OR o.id IN ($2, (SELECT pilot_id FROM roadmap_action WHERE id = $1))
		ORDER BY array_position(ARRAY['metropole', 'partner', 'commune', 'state_service', 'structure'], o.kind), fold(o.name), o.id,
		         fold(p.last_name), fold(p.first_name), p.id`, id, pilot)
	postgres.AddList(&b, &fne, `
		SELECT fne_objective AS fne FROM roadmap_action WHERE fne_objective <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 30`)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "form of action %d", id)
	}
	for _, f := range fne {
		v.FNE = append(v.FNE, f.FNE)
	}
	if id == 0 {
		return v, nil
	}
	all := finish()
	if len(all) == 0 {
		return v, ErrNotFound
	}
	v.Whole = all[0]
	return v, nil
}

// ReportLine is a report as the desk of its action shows it; package progress names
// its situation and its state.
type ReportLine struct {
	Organisation string    `db:"organisation"`
	By           string    `db:"by_name"`
	Situation    string    `db:"situation"`
	State        string    `db:"state"`
	Percent      *int      `db:"percent"`
	Done         string    `db:"done"`
	Difficulty   string    `db:"difficulty"`
	At           time.Time `db:"at"`
	Total        int       `db:"total"` // how many reports in all
}

// ActionDesk is the team's page of an action.
type ActionDesk struct {
	Whole
	Reports []ReportLine // the last ones that nothing replaced
	Today   day.Day
}

// ActionDesk returns everything on the sheet of an action and its last reports, in one
// round trip.
func (s *Service) ActionDesk(ctx context.Context, by access.Actor, id ID) (ActionDesk, error) {
	if err := RequireTeam(by); err != nil {
		return ActionDesk{}, err
	}
	var (
		v ActionDesk
		b postgres.Batch
	)
	finish := AddWhole(&b, []ID{id})
	postgres.AddValue(&b, &v.Today, `SELECT paris_today()`)
	postgres.AddList(&b, &v.Reports, `
		SELECT o.name AS organisation, r.by_name, r.situation, r.state, r.percent, r.done, r.difficulty, r.at,
		       (SELECT count(*) FROM progress_report n WHERE n.action_id = $1 AND n.state <> 'replaced')::int AS total
		FROM progress_report r JOIN organisation o ON o.id = r.organisation_id
		WHERE r.action_id = $1 AND r.state <> 'replaced' ORDER BY r.at DESC, r.id DESC LIMIT 5`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "desk of action %d", id)
	}
	all := finish()
	if len(all) == 0 {
		return v, ErrNotFound
	}
	v.Whole = all[0]
	return v, nil
}
