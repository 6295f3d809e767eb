// Package demo fills an empty database with a plausible, plainly fictional
// governance: the 28 real communes, fictional people, partners and structures,
// two years of meetings. It uses the functions the screens use, so what it shows
// is what the portal can do. The same day gives the same data.
package demo

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Password opens every demo account.
const Password = "demo-inclusion-2026"

// Loader fills a database.
type Loader struct {
	DB         postgres.DB
	Governance *governance.Service
	Accounts   *account.Service
	Meetings   *meeting.Service
	Minutes    *minutes.Service
	Structures *structure.Service
	Indicators *indicator.Service
	Progress   *progress.Service
	Campaigns  *campaign.Service
	Editions   *edition.Service
	Funding    *funding.Service
	Count      *count.Service // nil: no election is staged
	FewBallots bool           // in tests: proofs are slow under the race detector
}

// actor is who the journal says did it.
var actor = access.System("Données de démonstration")

// Empty tells whether nobody has an account yet: demo data goes nowhere else.
func Empty(ctx context.Context, db postgres.DB) (bool, error) {
	empty, err := postgres.Value[bool](ctx, db, `SELECT NOT EXISTS (SELECT FROM account)`)
	return empty, postgres.Wrap(err, "look for accounts")
}

// Loaded tells whether demo data was ever loaded: the journal, which nobody can
// change, says so.
func Loaded(ctx context.Context, db postgres.DB) (bool, error) {
	loaded, err := postgres.Value[bool](ctx, db, `SELECT EXISTS (SELECT FROM audit_entry WHERE action = 'demo.load')`)
	return loaded, postgres.Wrap(err, "look for demo data")
}

var _ = audit.Name(map[string]string{"demo.load": "Chargement des données de démonstration"})

// world is what is being filled, and what later steps need of earlier ones.
type world struct {
	*Loader
	ctx    context.Context
	names  namer
	today  day.Day
	seats  map[string]governance.SeatID // by seat label
	reps   map[governance.College][]access.PersonID
	begles access.OrganisationID
	// prefect is the State's representative.
	prefect access.PersonID
	met     map[governance.BodyCode]bool // bodies that have met already
	actions []roadmap.ID                 // in the order of outlines
}

// Load fills the database as of today. It is not one transaction, since each act
// is its own: a load cut short is begun again on an empty database.
func (l *Loader) Load(ctx context.Context, today day.Day) error {
	mark := audit.Entry{Action: "demo.load", Object: "portal", Label: "Données de démonstration au " + today.String()}
	err := postgres.InTx(ctx, l.DB, func(tx pgx.Tx) error { return audit.Record(ctx, tx, actor, mark) })
	if err != nil {
		return fmt.Errorf("demo data: %w", err)
	}
	w := &world{Loader: l, ctx: ctx, today: today, reps: map[governance.College][]access.PersonID{},
		met: map[governance.BodyCode]bool{}}
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"team and administrators", w.staff},
		{"chairs", w.chairs},
		{"mayors of the first mandate", w.firstMayors},
		{"general renewal", w.renewal},
		{"delegates", w.delegates},
		{"partners", w.partners},
		{"State", w.state},
		{"structures", w.structures},
		{"representatives of the GNI", w.representatives},
		{"figures", w.figures},
		{"roadmap", w.roadmap},
		{"meetings", w.meetings},
		{"accounts", w.accounts},
		{"what became of the roadmap", w.followRoadmap},
		{"elections", w.elections},
	} {
		if err := step.run(); err != nil {
			return fmt.Errorf("demo data, %s: %w", step.name, err)
		}
	}
	slog.InfoContext(ctx, "demo data loaded", "day", today.String())
	return nil
}

// person returns the next fictional person, with an address of example.org.
func (w *world) person(mailbox string) governance.PersonInput {
	first, last := w.names.next()
	p := governance.PersonInput{First: first, Last: last}
	if mailbox != "" {
		p.Email = mailbox + "@example.org"
	}
	return p
}
