// Package dashboard holds /tableau-de-bord, the home of whoever is signed in:
// each role has its own. A home leads only to pages that exist.
package dashboard

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap/board"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/roadmap/watch"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for /tableau-de-bord.
type Pages struct {
	Kit        *page.Kit
	Governance *governance.Service
	Mails      *notify.Desk
	DB         postgres.DB // what a home asks of several areas goes in one batch
	Contact    string      // address of the metropole's team
	// Portal counts accounts and journal for administrators, in one round trip;
	// without it their home shows no such figures.
	Portal func(ctx context.Context, by access.Actor) (PortalCounts, error)
}

// PortalCounts is what an administrator's home says of accounts and journal.
type PortalCounts struct {
	Active, Invited, Disabled int       // accounts
	Entries                   int64     // of the journal
	LastEntry                 time.Time // zero: the journal is empty
}

// component is a home waiting for the chrome of its page.
type component func(ui.Chrome) templ.Component

// Show shows the home of the role acted in (rule: access.SignedIn).
func (p *Pages) Show(w http.ResponseWriter, r *http.Request) error {
	home, err := p.home(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: "Tableau de bord"})
	return p.Kit.Show(w, r, http.StatusOK, home(c))
}

func (p *Pages) home(ctx context.Context, by access.Actor) (component, error) {
	switch by.Role() {
	case access.Team:
		return p.team(ctx, by)
	case access.Chair:
		return p.chair(ctx, by)
	case access.Administrator:
		return p.admin(ctx, by)
	case access.Mayor, access.Delegate, access.Structure, access.Partner, access.State:
		return p.member(ctx, by)
	case access.Scrutineer:
		return p.scrutineer(ctx, by)
	}
	return p.former(ctx, by)
}

// former tells a person who holds nothing any more what they held.
func (p *Pages) former(ctx context.Context, by access.Actor) (component, error) {
	past, err := p.Governance.MyPast(ctx, by)
	if err != nil {
		return nil, err
	}
	v := formerView{Contact: p.Contact}
	for _, m := range past {
		if m.Now {
			v.Now = append(v.Now, pastView{m.Label, m.From, m.Until})
		} else {
			v.Past = append(v.Past, pastView{m.Label, m.From, m.Until})
		}
	}
	return func(c ui.Chrome) templ.Component { return formerPage(c, v) }, nil
}

func (p *Pages) team(ctx context.Context, by access.Actor) (component, error) {
	d, err := p.Governance.Dashboard(ctx, by)
	if err != nil {
		return nil, err
	}
	var (
		todo     minutes.TeamTodo
		register structure.TeamTodo
		late     structure.FreshnessCounts
		plan     teamRoadmap
		votes    election.Cards
		b        postgres.Batch
	)
	minutes.AddTeamTodo(&b, &todo)
	structure.AddTeamTodo(&b, &register)
	structure.AddFreshnessCounts(&b, &late)
	watch.AddCounts(&b, &plan.Alerts)
	campaign.AddOpen(&b, &plan.Campaign)
	edition.AddOpen(&b, &plan.Edition)
	election.AddCards(&b, &votes, by)
	if err := b.Run(ctx, p.DB); err != nil {
		return nil, postgres.Wrap(err, "what meetings and the register ask of the team")
	}
	cards, err := votes.All()
	if err != nil {
		return nil, err
	}
	v := newTeamView(d, todo, append(registerDuties(register, late, d.Today), electionDuties(cards, by)...)...)
	v.Roadmap = plan
	return func(c ui.Chrome) templ.Component { return teamPage(c, v) }, nil
}

func (p *Pages) chair(ctx context.Context, by access.Actor) (component, error) {
	h, err := p.Governance.MyHome(ctx, by)
	if err != nil {
		return nil, err
	}
	var (
		seats []governance.Line
		todo  minutes.Todo
		tally board.Tally
		votes election.Cards
		b     postgres.Batch
	)
	// Every seat of a body somebody presides is in the CMTIN too.
	governance.AddComposition(&b, &seats, governance.CMTIN, governance.BodyQuery{})
	minutes.AddTodo(&b, &todo, by)
	board.AddTally(&b, &tally)
	election.AddCards(&b, &votes, by)
	if err := b.Run(ctx, p.DB); err != nil {
		return nil, postgres.Wrap(err, "home of the chair")
	}
	cards, err := votes.All()
	if err != nil {
		return nil, err
	}
	v := newChairView(h, seats)
	v.Roadmap = tally
	v.Tasks = byUrgency(append(dutiesOf(todo), electionDuties(cards, by)...))
	return func(c ui.Chrome) templ.Component { return chairPage(c, v) }, nil
}

func (p *Pages) admin(ctx context.Context, by access.Actor) (component, error) {
	var v adminView
	var err error
	if v.Mails, err = p.Mails.Counts(ctx, by); err != nil {
		return nil, err
	}
	if p.Portal != nil {
		counts, err := p.Portal(ctx, by)
		if err != nil {
			return nil, err
		}
		v.Portal = &counts
	}
	return func(c ui.Chrome) templ.Component { return adminPage(c, v) }, nil
}

func (p *Pages) member(ctx context.Context, by access.Actor) (component, error) {
	h, err := p.Governance.MyHome(ctx, by)
	if err != nil {
		return nil, err
	}
	extra := memberExtra{Contact: p.Contact}
	var b postgres.Batch
	var votes election.Cards
	minutes.AddTodo(&b, &extra.Todo, by)
	progress.AddMine(&b, &extra.Mine, by.Acting.Organisation)
	switch by.Role() {
	case access.Mayor, access.Delegate:
		governance.AddINSEE(&b, &extra.INSEE, by.Acting.Organisation)
	case access.Structure:
		governance.AddComposition(&b, &extra.CMTIN, governance.CMTIN, governance.BodyQuery{})
		structure.AddStructureTodo(&b, &extra.Sheet, by.Acting.Organisation, by.Person)
		election.AddCards(&b, &votes, by)
	}
	if err := b.Run(ctx, p.DB); err != nil {
		return nil, postgres.Wrap(err, "home of a member")
	}
	if extra.Elections, err = votes.All(); err != nil {
		return nil, err
	}
	v := newMemberView(by, h, extra)
	return func(c ui.Chrome) templ.Component { return memberPage(c, v) }, nil
}

// scrutineer is the home of who keeps a key, or confirms what another person proposed.
func (p *Pages) scrutineer(ctx context.Context, by access.Actor) (component, error) {
	var (
		votes election.Cards
		today day.Day
		b     postgres.Batch
	)
	election.AddCards(&b, &votes, by)
	postgres.AddValue(&b, &today, `SELECT paris_today()`)
	if err := b.Run(ctx, p.DB); err != nil {
		return nil, postgres.Wrap(err, "home of a scrutineer")
	}
	cards, err := votes.All()
	if err != nil {
		return nil, err
	}
	v := scrutineerView{Cards: cards, Tasks: byUrgency(electionDuties(cards, by)), Today: today}
	return func(c ui.Chrome) templ.Component { return scrutineerPage(c, v) }, nil
}
