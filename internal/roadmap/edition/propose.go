package edition

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Idea is what a body proposes, in few words.
type Idea struct {
	Axis        roadmap.AxisID
	Title       string
	Objective   string
	Body        governance.BodyCode // in whose name
	Pilot       roadmap.OrganisationID
	AllCommunes bool
	Communes    []roadmap.OrganisationID
	Starts      day.Day
	Ends        day.Day
	Cost        roadmap.Cents // 0: not said
	CostYear    int
	Partners    []roadmap.OrganisationID
	Version     int // of the action, when it is changed
}

// whole is the action the idea becomes.
func (i Idea) whole(org roadmap.OrganisationID) roadmap.Whole {
	w := roadmap.Whole{Action: roadmap.Action{AxisID: i.Axis, Title: i.Title, Objective: i.Objective, Body: i.Body, ProposedBy: i.Body,
		ProposerID: org, PilotID: i.Pilot, AllCommunes: i.AllCommunes, StartsOn: i.Starts, EndsOn: i.Ends}}
	for _, c := range i.Communes {
		if !i.AllCommunes {
			w.Communes = append(w.Communes, roadmap.Party{ID: c})
		}
	}
	for _, p := range i.Partners {
		w.Partners = append(w.Partners, roadmap.Party{ID: p})
	}
	if i.Cost > 0 {
		w.Budget = []roadmap.Line{{Year: i.CostYear, Nature: roadmap.Running, Planned: i.Cost}}
	}
	return w
}

func (i Idea) check() error {
	switch {
	case i.Objective == "":
		return problem.OnField("objectif", "Dites ce que l’action doit changer, en une phrase simple.")
	case i.Cost > 0 && (i.CostYear < 2020 || i.CostYear > 2100):
		return problem.OnField("annee", "Saisissez l’année de cette dépense, entre 2020 et 2100.")
	case !i.AllCommunes && len(i.Communes) == 0:
		return problem.OnField("communes", "Cochez au moins une commune, ou « toutes les communes ».")
	}
	return i.whole(0).Check()
}

// Organisation is one that may pilot an action, take part in it or be concerned.
type Organisation struct {
	ID   roadmap.OrganisationID      `db:"id"`
	Kind governance.OrganisationKind `db:"kind"`
	Name string                      `db:"name"`
}

// Frame is what the form of a proposal chooses from.
type Frame struct {
	Open          Open
	Axes          []roadmap.Axis
	Bodies        []governance.BodyCode // in whose name the actor may propose
	Organisations []Organisation        // without the structures, but the actor's own
}

var proposers = []access.Role{access.Chair, access.Mayor, access.Delegate, access.Partner, access.Structure, access.State, access.Team}

// bodiesSQL lists the bodies in whose name somebody proposes: all for the team ($1);
// those where the organisation acted for sits ($2), or, without one, the person ($3).
const bodiesSQL = `
	SELECT b.code FROM body b
	WHERE $1::boolean
	   OR EXISTS (SELECT FROM seat s JOIN composition_rule r ON r.seat_kind = s.kind
	              WHERE r.body = b.code AND s.organisation_id = $2 AND s.during @> paris_today())
	   OR b.needs_chair_and_state AND EXISTS (SELECT FROM organisation o WHERE o.id = $2 AND o.kind = 'state_service')
	   OR $2 = 0 AND EXISTS (SELECT FROM composition_rule r JOIN seat s ON s.kind = r.seat_kind AND s.during @> paris_today()
	              JOIN mandate m ON m.seat_id = s.id AND m.during @> paris_today() WHERE r.body = b.code AND m.person_id = $3)
	ORDER BY b.position`

// addFrame asks in a batch for what a proposal is made of.
func addFrame(b *postgres.Batch, by access.Actor, v *Frame) (finish func()) {
	var codes []struct {
		Code governance.BodyCode `db:"code"`
	}
	AddOpen(b, &v.Open)
	roadmap.AddAxes(b, &v.Axes)
	postgres.AddList(b, &codes, bodiesSQL, by.RunsBodies(), by.Acting.Organisation, by.Person)
	postgres.AddList(b, &v.Organisations, `
		SELECT id, kind, name FROM organisation
		WHERE kind IN ('metropole', 'commune', 'partner', 'state_service') OR id = $1 ORDER BY kind = 'commune', fold(name) LIMIT 500`, by.Acting.Organisation)
	return func() {
		for _, c := range codes {
			v.Bodies = append(v.Bodies, c.Code)
		}
	}
}

// Frame returns what the form of a proposal chooses from.
func (s *Service) Frame(ctx context.Context, by access.Actor) (Frame, error) {
	var v Frame
	if err := by.Require(by.Is(proposers...)); err != nil {
		return v, err
	}
	var b postgres.Batch
	finish := addFrame(&b, by, &v)
	err := b.Run(ctx, s.db)
	finish()
	return v, postgres.Wrap(err, "frame of a proposal")
}

// may refuses a body the actor does not speak for.
func (s *Service) may(ctx context.Context, tx pgx.Tx, by access.Actor, body governance.BodyCode) error {
	ok, err := postgres.Value[bool](ctx, tx, `SELECT $4 IN (`+bodiesSQL+`)`, by.RunsBodies(), by.Acting.Organisation, by.Person, body)
	if err == nil && !ok {
		return problem.OnField("instance", "Choisissez une instance où votre organisation siège.")
	}
	return postgres.Wrap(err, "bodies of a proposer")
}

// Propose keeps a proposal: in the programme that takes them now, else for the next.
// It is not public before the CMTIN adopts it.
func (s *Service) Propose(ctx context.Context, by access.Actor, in Idea) (id roadmap.ID, err error) {
	if err := by.Require(by.Is(proposers...)); err != nil {
		return 0, err
	}
	if err := in.check(); err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		years, err := postgres.Values[int](ctx, tx, `
			SELECT year::int FROM edition WHERE state = 'proposals' AND clock_timestamp() < proposals_until FOR SHARE`)
		if err != nil {
			return postgres.Wrap(err, "open edition")
		}
		if err := s.may(ctx, tx, by, in.Body); err != nil {
			return err
		}
		ids, err := roadmap.Insert(ctx, tx, by, []roadmap.Whole{in.whole(by.Acting.Organisation)})
		if err != nil {
			return err
		}
		id = ids[0]
		if _, err := postgres.Exec(ctx, tx, `
			WITH line AS (INSERT INTO edition_line (year, action_id, origin) SELECT unnest($3::int[]), $1, 'new')
			INSERT INTO action_proposal (action_id, person_id) VALUES ($1, nullif($2, 0))`, id, by.Person, years); err != nil {
			return postgres.Wrap(err, "insert proposal")
		}
		return s.receive(ctx, tx, by, id, in)
	})
	return id, err
}

// receive journals a proposal and acknowledges it.
func (s *Service) receive(ctx context.Context, tx pgx.Tx, by access.Actor, id roadmap.ID, in Idea) error {
	a, err := roadmap.Load(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := roadmap.Record(ctx, tx, by, "propose", a, nil, a.Fields()); err != nil {
		return err
	}
	return s.outbox.Tell(ctx, tx, []notify.Notice{{Person: by.Person, Address: by.Email, Name: by.Name, Kind: "edition_receipt",
		Subject: "Votre proposition d’action est reçue",
		Text: french.Typo("Nous avons reçu votre proposition « " + in.Title + " ». L’équipe métropolitaine l’examine, puis le CMTIN vote la liste des actions de l’année. " +
			"Vous pouvez la modifier ou la retirer jusqu’à son examen."),
		Action: "Voir ma proposition", Link: s.baseURL + ProposalPath(id)}})
}

// Mine is a proposal as its author follows it.
type Mine struct {
	SentAt   time.Time `db:"sent_at"`
	Year     int       `db:"year"` // of its programme; 0: it waits for the next one
	Outcome  Outcome   `db:"outcome"`
	Reason   string    `db:"reason"`
	Question string    `db:"question"`
	State    State     `db:"state"` // of its programme
	roadmap.Action
}

// Open tells whether its author may still change or withdraw it: until it is
// examined, or when the team asks something.
func (m Mine) Open() bool {
	return m.Status == roadmap.Proposed && (m.Year == 0 || m.Outcome == Waiting && (m.State == Proposals || m.Question != ""))
}

// Standing says in words where the proposal stands.
func (m Mine) Standing() string {
	switch {
	case m.Year == 0 && m.Status == roadmap.Proposed:
		return "Gardée pour le prochain programme"
	case m.Year == 0:
		return m.Status.Label()
	case m.Question != "" && m.Outcome == Waiting:
		return "Une question vous est posée"
	}
	return m.Outcome.Label()
}

// mineSQL reads the proposals of the organisation acted for ($1), of the person ($2),
// or all for the team ($3); $4 is one of them, 0 for all.
const mineSQL = `
	SELECT q.at AS sent_at, coalesce(l.year, 0) AS year, coalesce(l.outcome, 'proposed') AS outcome, coalesce(l.reason, '') AS reason,
	       q.question, coalesce(e.state, '') AS state, ` + roadmap.Columns + roadmap.Tables + `
	JOIN action_proposal q ON q.action_id = a.id
	LEFT JOIN LATERAL (SELECT * FROM edition_line l WHERE l.action_id = a.id AND l.origin = 'new' ORDER BY l.year DESC LIMIT 1) l ON true
	LEFT JOIN edition e ON e.year = l.year
	WHERE ($3 OR a.proposer_id = nullif($1, 0) OR q.person_id = nullif($2, 0)) AND ($4::bigint = 0 OR a.id = $4)`

// Mine lists a page of the proposals of the actor's organisation, the latest first.
func (s *Service) Mine(ctx context.Context, by access.Actor, page int) ([]Mine, postgres.Paging, error) {
	if err := by.Require(by.Is(proposers...)); err != nil {
		return nil, postgres.Paging{}, err
	}
	var (
		b     postgres.Batch
		all   []Mine
		total int
	)
	org, person, team := by.Acting.Organisation, by.Person, by.RunsBodies()
	postgres.AddList(&b, &all, mineSQL+` ORDER BY q.at DESC, a.id DESC LIMIT $5 OFFSET $6`, org, person, team, 0, postgres.PageLength, postgres.Offset(page))
	postgres.AddValue(&b, &total, `
		SELECT count(*)::int FROM action_proposal q JOIN roadmap_action a ON a.id = q.action_id
		WHERE $3 OR a.proposer_id = nullif($1, 0) OR q.person_id = nullif($2, 0)`, org, person, team)
	err := b.Run(ctx, s.db)
	return all, postgres.PagingOf(page, total), postgres.Wrap(err, "my proposals")
}

// Own is one proposal with its sheet, and what its form chooses from.
type Own struct {
	Mine
	Whole roadmap.Whole
	Frame
}

// Own returns one proposal of the actor's organisation; it exists for no one else but
// the team.
func (s *Service) Own(ctx context.Context, by access.Actor, id roadmap.ID) (Own, error) {
	var v Own
	if err := by.Require(by.Is(proposers...)); err != nil {
		return v, err
	}
	var (
		b     postgres.Batch
		found []Mine
	)
	postgres.AddList(&b, &found, mineSQL, by.Acting.Organisation, by.Person, by.RunsBodies(), id)
	whole := roadmap.AddWhole(&b, []roadmap.ID{id})
	finish := addFrame(&b, by, &v.Frame)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "proposal")
	}
	if len(found) == 0 {
		return v, roadmap.ErrNotFound
	}
	finish()
	v.Mine, v.Whole = found[0], whole()[0]
	return v, nil
}

// own locks a proposal of the actor's that may still change.
func own(ctx context.Context, tx pgx.Tx, by access.Actor, id roadmap.ID, version int) (Mine, error) {
	if err := by.Require(by.Is(proposers...)); err != nil {
		return Mine{}, err
	}
	if _, err := postgres.Exec(ctx, tx, `SELECT 1 FROM edition WHERE state <> 'frozen' FOR UPDATE`); err != nil {
		return Mine{}, postgres.Wrap(err, "lock edition")
	}
	if _, err := postgres.Exec(ctx, tx, `SELECT 1 FROM roadmap_action WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Mine{}, postgres.Wrap(err, "lock proposal")
	}
	m, err := postgres.One[Mine](ctx, tx, mineSQL, by.Acting.Organisation, by.Person, by.RunsBodies(), id)
	switch {
	case postgres.IsNoRows(err):
		return m, roadmap.ErrNotFound
	case err != nil:
		return m, postgres.Wrap(err, "read proposal")
	case !m.Open():
		return m, problem.New(problem.Conflict, "Cette proposition est examinée : elle ne change plus.")
	case m.Version != version:
		return m, roadmap.ErrStale
	}
	return m, nil
}

// Change writes a proposal anew; what the team asked is then answered.
func (s *Service) Change(ctx context.Context, by access.Actor, id roadmap.ID, in Idea) error {
	if err := in.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, in.Version)
		if err != nil {
			return err
		}
		if m.ProposedBy != in.Body {
			if err := s.may(ctx, tx, by, in.Body); err != nil {
				return err
			}
		}
		if err := rewrite(ctx, tx, m.Action, in); err != nil {
			return err
		}
		after, err := roadmap.Load(ctx, tx, id)
		if err != nil {
			return err
		}
		return roadmap.Record(ctx, tx, by, "propose", after, m.Fields(), after.Fields())
	})
}

func rewrite(ctx context.Context, tx pgx.Tx, a roadmap.Action, in Idea) error {
	w := in.whole(a.ProposerID)
	a.AxisID, a.Title, a.Objective, a.Body, a.PilotID, a.StartsOn, a.EndsOn, a.AllCommunes = in.Axis, in.Title, in.Objective, in.Body, in.Pilot, in.Starts, in.Ends, in.AllCommunes
	if err := roadmap.Write(ctx, tx, a); err != nil {
		return err
	}
	if err := roadmap.SetCommunes(ctx, tx, a.ID, in.AllCommunes, in.Communes); err != nil {
		return err
	}
	if err := roadmap.SetPartners(ctx, tx, a.ID, w.Partners); err != nil {
		return err
	}
	_, err := postgres.Exec(ctx, tx, `
		WITH gone AS (DELETE FROM budget_line WHERE action_id = $1 AND ($3 = 0 OR year <> $2 OR funder_id IS NOT NULL OR funder <> '' OR nature <> 'running')),
		line AS (INSERT INTO budget_line (action_id, year, nature, planned_cents) SELECT $1, $2, 'running', $3 WHERE $3 > 0
		         ON CONFLICT ON CONSTRAINT budget_line_once DO UPDATE SET planned_cents = excluded.planned_cents, version = budget_line.version + 1),
		bumped AS (UPDATE edition_line SET version = version + 1 WHERE action_id = $1 AND outcome = 'proposed'),
		body AS (UPDATE roadmap_action SET proposed_by = $4 WHERE id = $1)
		UPDATE action_proposal SET question = '' WHERE action_id = $1`, a.ID, in.CostYear, in.Cost, in.Body)
	return postgres.Wrap(err, "rewrite proposal %d", a.ID)
}

// Withdraw takes a proposal back for good.
func (s *Service) Withdraw(ctx context.Context, by access.Actor, id roadmap.ID, version int, reason string) error {
	if utf8.RuneCountInString(reason) > 500 {
		return problem.OnField("motif", "Gardez 500 caractères au plus.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE edition_line SET outcome = 'withdrawn', reason = $2, version = version + 1 WHERE action_id = $1 AND outcome = 'proposed'`, id, reason); err != nil {
			return postgres.Wrap(err, "withdraw line")
		}
		words := "Proposition retirée par son auteur"
		if reason != "" {
			words += " : " + reason
		}
		after, err := roadmap.SetStatus(ctx, tx, m.Action, roadmap.Abandoned, words, "")
		if err != nil {
			return err
		}
		return roadmap.Record(ctx, tx, by, "propose", after, m.Fields(), after.Fields())
	})
}

// Partners are the institutions an action may be done with.
func (v Frame) Partners() []Organisation {
	return slices.DeleteFunc(slices.Clone(v.Organisations), func(o Organisation) bool { return o.Kind == governance.CommuneOrganisation })
}

// Communes are the communes an action may concern.
func (v Frame) Communes() []Organisation {
	return slices.DeleteFunc(slices.Clone(v.Organisations), func(o Organisation) bool { return o.Kind != governance.CommuneOrganisation })
}
