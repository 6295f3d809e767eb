package roll

import (
	"context"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ClaimID identifies a claim (election_claim.id).
type ClaimID int64

// Kind is what a claim asks.
type Kind string

// The closed set of kinds (constraint election_claim_kind_check).
const (
	Add     Kind = "add"
	College Kind = "college"
	Name    Kind = "name"
	Remove  Kind = "remove"
)

// Kinds lists the kinds in display order.
var Kinds = []Kind{Add, College, Name, Remove}

// Label is what the claim asks, in French.
func (k Kind) Label() string {
	switch k {
	case Add:
		return "Inscription manquante"
	case College:
		return "Collège à changer"
	case Name:
		return "Nom à corriger"
	}
	return "Structure à retirer"
}

// ClaimState is where a claim stands.
type ClaimState string

// The closed set of states (constraint election_claim_state_check).
const (
	Waiting  ClaimState = "open"
	Accepted ClaimState = "accepted"
	Refused  ClaimState = "refused"
)

// Label is the French name of the state.
func (s ClaimState) Label() string {
	switch s {
	case Waiting:
		return "En attente de réponse"
	case Accepted:
		return "Acceptée"
	}
	return "Refusée"
}

// Claim is a claim on the provisional roll. Who makes it is known to the team and to
// the structure that claims, to nobody else.
type Claim struct {
	ID        ClaimID               `db:"id"`
	Structure access.OrganisationID `db:"structure_id"` // whom it is about
	About     string                `db:"about"`
	College   governance.College    `db:"college"`      // of that structure in the register
	By        access.OrganisationID `db:"by_structure"` // 0: on paper
	ByName    string                `db:"by_name"`      // the structure that claims, "" on paper
	Person    string                `db:"person"`       // who wrote it
	Kind      Kind                  `db:"kind"`
	Text      string                `db:"text"`
	MadeAt    time.Time             `db:"made_at"`
	State     ClaimState            `db:"state"`
	Answer    string                `db:"answer"`
	DecidedAt *time.Time            `db:"decided_at"`
	Version   int                   `db:"version"`
}

const claimSQL = `
	SELECT x.id, coalesce(x.structure_id, 0) AS structure_id, coalesce(o.name, '') AS about, coalesce(t.college, '') AS college,
	       coalesce(x.by_structure, 0) AS by_structure, coalesce(b.name, '') AS by_name, coalesce(p.first_name || ' ' || p.last_name, '') AS person,
	       x.kind, x.text, x.made_at, x.state, x.answer, x.decided_at, x.version
	FROM election_claim x LEFT JOIN organisation o ON o.id = x.structure_id LEFT JOIN structure t ON t.organisation_id = x.structure_id
	LEFT JOIN organisation b ON b.id = x.by_structure LEFT JOIN person p ON p.id = x.made_by
	WHERE x.election_id = $1`

// Limits of a claim and of its answer.
const (
	MaxText   = 2000
	MaxAnswer = 2000
	// maxWaiting is how many claims of one structure wait for an answer at a time.
	maxWaiting = 10
)

// Making is a claim as it is made.
type Making struct {
	Kind  Kind
	About access.OrganisationID // of a Remove, and of what the team writes down
	Text  string
}

func (m Making) check() error {
	switch {
	case !slices.Contains(Kinds, m.Kind):
		return problem.OnField("objet", "Dites ce que vous demandez.")
	case m.Text == "":
		return problem.OnField("texte", "Expliquez votre demande en quelques mots.")
	case utf8.RuneCountInString(m.Text) > MaxText:
		return problem.OnField("texte", "Gardez 2 000 caractères au plus.")
	}
	return nil
}

// late refuses a claim out of its days.
func late(e election.Election) error {
	switch {
	case !e.Phase.Reached(election.Roll):
		return errNoRoll
	case e.Claiming():
		return nil
	case e.Phase.Reached(election.Sealed):
		return problem.New(problem.Conflict, "Les listes sont arrêtées : aucune réclamation n’est plus reçue ici. L’équipe métropolitaine peut vous dire pourquoi votre structure y est, ou n’y est pas.")
	case e.ClaimsUntil != nil:
		return problem.New(problem.Conflict, "Les réclamations sont closes depuis le "+french.DateTime(*e.ClaimsUntil)+
			". Votre texte n’est pas perdu : copiez-le et envoyez-le à l’équipe métropolitaine, qui peut encore corriger une erreur avant que les listes soient arrêtées.")
	}
	return errNoRoll
}

// Claim receives the claim of a structure: about itself, or about another that should
// not be on the roll. Fields: objet, structure, texte.
func (s *Service) Claim(ctx context.Context, by access.Actor, id election.ID, m Making) error {
	if !by.Is(access.Structure) || by.Acting.Organisation == 0 {
		return election.ErrNotFound
	}
	if m.Kind != Remove {
		m.About = by.Acting.Organisation
	} else if m.About == by.Acting.Organisation {
		return problem.OnField("structure", "Pour retirer votre propre structure, écrivez à l’équipe métropolitaine : elle quitterait le GNI.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := election.Hold(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := late(e); err != nil {
			return err
		}
		return s.receive(ctx, tx, by, e, m, by.Acting.Organisation)
	})
}

// ClaimFor writes down a claim that came on paper or by telephone, until the lists are
// sealed. The answer goes to the structure it is about. Fields: objet, structure, texte.
func (s *Service) ClaimFor(ctx context.Context, by access.Actor, id election.ID, m Making) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockProvisional(ctx, tx, by, id)
		if err != nil {
			return err
		}
		return s.receive(ctx, tx, by, e, m, 0)
	})
}

func (s *Service) receive(ctx context.Context, tx pgx.Tx, by access.Actor, e election.Election, m Making, from access.OrganisationID) error {
	if err := m.check(); err != nil {
		return err
	}
	type standing struct {
		Known  bool `db:"known"`
		Listed bool `db:"listed"`
		Twice  bool `db:"twice"`
		Many   int  `db:"many"`
	}
	if from != 0 { // the claims of one structure take turns, so that a limit is one
		if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtext('election_claim'), $1::int)`, int64(from)%(1<<31)); err != nil {
			return postgres.Wrap(err, "wait for other claims")
		}
	}
	at, err := postgres.One[standing](ctx, tx, `
		SELECT EXISTS (SELECT FROM structure WHERE organisation_id = $2) AS known,
		       EXISTS (SELECT FROM election_roll WHERE election_id = $1 AND structure_id = $2) AS listed,
		       EXISTS (SELECT FROM election_claim WHERE election_id = $1 AND structure_id = $2 AND kind = $3 AND state = 'open'
		               AND by_structure IS NOT DISTINCT FROM nullif($4::bigint, 0)) AS twice,
		       (SELECT count(*)::int FROM election_claim WHERE election_id = $1 AND by_structure = $4 AND state = 'open') AS many`,
		e.ID, m.About, string(m.Kind), from)
	switch {
	case err != nil:
		return postgres.Wrap(err, "standing on the roll of election %d", e.ID)
	case !at.Known:
		return problem.OnField("structure", "Choisissez une structure de la liste.")
	case m.Kind == Add && at.Listed:
		return problem.OnField("objet", "Cette structure est déjà sur la liste : regardez plutôt son nom ou son collège.")
	case m.Kind != Add && !at.Listed:
		return problem.OnField("objet", "Cette structure n’est pas sur la liste.")
	case at.Twice:
		return problem.New(problem.Conflict, "La même réclamation attend déjà une réponse.")
	case at.Many >= maxWaiting:
		return problem.New(problem.Conflict, "Dix réclamations de votre structure attendent une réponse : attendez-la avant d’en envoyer une autre.")
	}
	if _, err := postgres.Exec(ctx, tx, `
		INSERT INTO election_claim (election_id, structure_id, kind, text, made_by, by_structure) VALUES ($1, $2, $3, $4, nullif($5::bigint, 0), nullif($6::bigint, 0))`,
		e.ID, m.About, string(m.Kind), m.Text, int64(by.Person), from); err != nil {
		return postgres.Wrap(err, "claim on election %d", e.ID)
	}
	return election.Record(ctx, tx, by, "claim", e, nil, map[string]any{"objet": m.Kind, "structure": m.About, "sur_papier": from == 0})
}

// Mine is what a structure reads before it claims.
type Mine struct {
	Election election.Election
	Own      *Entry  // its line, nil when it is not on the roll
	Claims   []Claim // its own, the latest first
	Others   []Entry // whom it could claim about
}

// Mine returns the line and the claims of the structure acted for, in two round trips.
func (s *Service) Mine(ctx context.Context, by access.Actor, id election.ID) (Mine, error) {
	if !by.Is(access.Structure) || by.Acting.Organisation == 0 {
		return Mine{}, election.ErrNotFound
	}
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return Mine{}, err
	}
	m := Mine{Election: e}
	var all []Entry
	var b postgres.Batch
	postgres.AddList(&b, &m.Claims, claimSQL+` AND x.by_structure = $2 ORDER BY x.id DESC`, id, by.Acting.Organisation)
	postgres.AddList(&b, &all, `
		SELECT structure_id, name, commune, college, false AS in_sheet FROM election_roll WHERE election_id = $1 ORDER BY fold(name), structure_id`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return m, postgres.Wrap(err, "claims of a structure on election %d", id)
	}
	for i, l := range all {
		if l.Structure == by.Acting.Organisation {
			m.Own = &all[i]
		} else {
			m.Others = append(m.Others, l)
		}
	}
	return m, nil
}

func listAddress(baseURL string, id election.ID) string {
	return baseURL + "/elections/" + strconv.FormatInt(int64(id), 10) + "/liste"
}
