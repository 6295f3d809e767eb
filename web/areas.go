package web

import (
	"context"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/election"
	electionboard "bordeaux-metropole.fr/portal/internal/election/board"
	"bordeaux-metropole.fr/portal/internal/election/candidacy"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/internal/election/voting"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/roadmap/sheetfile"
	"bordeaux-metropole.fr/portal/internal/roadmap/watch"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/directory"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
	"bordeaux-metropole.fr/portal/internal/structure/network"
)

// Config is what the environment says of the site.
type Config struct {
	BaseURL        *url.URL // public address, without a path
	Demo           bool     // demonstration: no second factor, a banner, public accounts
	TrustedProxies int
	MetricsToken   string // "": /metrics answers the loopback address only
	Contact        string // address shown to the public
}

// Areas are the rooms of the portal on one database.
type Areas struct {
	Pool          *pgxpool.Pool
	Accounts      *account.Service
	Governance    *governance.Service
	Meetings      *meeting.Service
	Minutes       *minutes.Service
	Structures    *structure.Service
	Directory     *directory.Service
	Network       *network.Service
	Imports       *imports.Service
	Indicators    *indicator.Service
	Roadmap       *roadmap.Service
	Progress      *progress.Service
	Campaigns     *campaign.Service
	Funding       *funding.Service
	Editions      *edition.Service
	Board         *board.Service
	Watch         *watch.Service
	RoadmapFiles  *sheetfile.Service
	Elections     *election.Service
	ElectionRoll  *roll.Service
	Candidacies   *candidacy.Service
	Ceremony      *ceremony.Service
	Voting        *voting.Service
	ElectionBoard *electionboard.Service
	Count         *count.Service
	Outbox        *notify.Outbox
	Printer       *printing.Printer
	Mails         *notify.Desk
	Journal       *audit.Journal
}

// NewAreas wires the rooms. It only enqueues mail: whoever serves also runs
// notify.NewClient.
func NewAreas(pool *pgxpool.Pool, c Config) (*Areas, error) {
	jobs, err := notify.NewInserter(pool)
	if err != nil {
		return nil, err
	}
	outbox := notify.NewOutbox(jobs)
	accounts := account.New(pool, outbox, account.Options{
		BaseURL: c.BaseURL.String(), RequireSecondFactor: !c.Demo, Demo: c.Demo,
	})
	meetings := meeting.New(pool, outbox, c.BaseURL.String())
	gov := governance.New(pool, invite(accounts))
	structures := structure.New(pool, gov, outbox, c.BaseURL.String())
	mins := minutes.New(pool, meetings, outbox, c.BaseURL.String())
	return &Areas{
		Pool:          pool,
		Accounts:      accounts,
		Governance:    gov,
		Structures:    structures,
		Directory:     directory.New(pool),
		Network:       network.New(pool),
		Imports:       imports.New(pool, structures),
		Indicators:    indicator.New(pool),
		Meetings:      meetings,
		Minutes:       mins,
		Roadmap:       roadmap.New(pool),
		Progress:      progress.New(pool, outbox, c.BaseURL.String()),
		Campaigns:     campaign.New(pool, meetings, outbox, c.BaseURL.String()),
		Funding:       funding.New(pool, outbox, c.BaseURL.String()),
		Editions:      edition.New(pool, mins, outbox, c.BaseURL.String()),
		Board:         board.New(pool),
		Watch:         watch.New(pool, outbox, c.BaseURL.String()),
		RoadmapFiles:  sheetfile.New(pool),
		Elections:     election.New(pool, structures, outbox, c.BaseURL.String()),
		ElectionRoll:  roll.New(pool, gov, outbox, c.BaseURL.String()),
		Candidacies:   candidacy.New(pool, outbox, c.BaseURL.String()),
		Ceremony:      ceremony.New(pool, outbox, c.BaseURL.String()),
		Voting:        voting.New(pool, outbox, c.BaseURL.String()),
		ElectionBoard: electionboard.New(pool, outbox, c.BaseURL.String()),
		Count:         count.New(pool, gov, structures, outbox, c.BaseURL.String()),
		Outbox:        outbox,
		Printer:       printing.New(pool),
		Mails:         notify.NewDesk(pool, outbox, c.Demo),
		Journal:       audit.NewJournal(pool),
	}, nil
}

// invite lets the governance invite people without knowing what an account is.
func invite(accounts *account.Service) governance.Inviter {
	return func(ctx context.Context, tx pgx.Tx, by access.Actor, person governance.PersonRef) error {
		_, err := accounts.Invite(ctx, tx, by, account.InviteRequest{PersonID: person.ID})
		return err
	}
}
