package dashboard

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/roadmap/watch"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/ui"

	"github.com/a-h/templ"
)

var (
	monday = day.Of(2026, time.November, 23)
	cmtin  = bodyView{Code: governance.CMTIN, Name: "Comité métropolitain territorial pour l’inclusion numérique",
		Cadence: governance.Cadence{Body: governance.CMTIN, Owed: 1, Planned: 1}, Next: mark(governance.CMTIN, 8, governance.Convened)}
	partners = bodyView{Code: governance.Partners, Name: "Groupe des partenaires institutionnels pour l’inclusion numérique",
		Cadence: governance.Cadence{Body: governance.Partners, Owed: 2, Held: 1, Missing: 1, LatestConvene: day.Of(2026, 12, 26)}}
	gni = bodyView{Code: governance.GNI, Name: "Groupe Numérique Inclusif",
		Cadence: governance.Cadence{Body: governance.GNI, Owed: 3, Held: 2, Planned: 1}, Next: mark(governance.GNI, 3, governance.Draft)}
	communes = bodyView{Code: governance.Communes, Name: "Comité des communes pour l’inclusion numérique",
		Cadence: governance.Cadence{Body: governance.Communes, Owed: 1, Held: 1}}
)

// mark is a meeting of December 2026.
func mark(c governance.BodyCode, date int, s governance.MeetingState) *governance.MeetingMark {
	d := day.Of(2026, time.December, date)
	m := governance.MeetingMark{Body: c, StartsAt: d.At(14, 0), EndsAt: d.At(16, 30), State: s}
	if s != governance.Draft {
		m.Place, m.Theme = "Hôtel de Métropole", "Validation des actions de 2027"
	}
	return &m
}

func as(role access.Role, organisation string) access.Actor {
	a := access.Capacity{Role: role, OrganisationName: organisation}
	if organisation != "" {
		a.Organisation = 7
	}
	return access.Actor{Account: 1, Person: 1, Name: "Camille Exemple", Acting: a, Capacities: []access.Capacity{a}}
}

func chrome(a access.Actor) ui.Chrome {
	return ui.Chrome{Title: "Tableau de bord", Path: "/tableau-de-bord", Actor: a, Demo: true, Nav: []ui.NavItem{
		{Label: "Accueil", Href: "/"}, {Label: "Tableau de bord", Href: "/tableau-de-bord"}, {Label: "Instances", Href: "/instances"}, {Label: "Aide", Href: "/aide"}}}
}

// sample is one home in one state.
type sample struct {
	name string
	page templ.Component
}

func samples() []sample {
	team, chair, admin := chrome(as(access.Team, "")), chrome(as(access.Chair, "")), chrome(as(access.Administrator, ""))
	m := func(name string, role access.Role, org string, seats []governance.MySeat, bodies []bodyView, colleagues ...governance.Colleague) sample {
		c, v := member(role, org, seats, bodies, colleagues...)
		return sample{name, memberPage(c, v)}
	}
	town, partner, net := []bodyView{cmtin, communes}, []bodyView{cmtin, partners}, []bodyView{gni}
	mayor := governance.Colleague{Name: "Camille Maire", Title: "Maire"}
	held := mayorSeat
	held.Holder = "Camille Maire"
	alternate := seatAs(held, governance.Alternate)
	alternate.Alternate = "Camille Exemple"
	titular, second := seatAs(partnerSeat, governance.Titular), seatAs(partnerSeat, governance.Alternate)
	titular.Holder, second.Alternate = "Camille Exemple", "Camille Exemple"
	over := seatAs(mayorSeat, governance.Titular)
	over.State, over.TermEndsOn = governance.CarriedOver, day.Of(2026, 10, 1)
	rep := governance.MySeat{ID: 41, Kind: governance.GNIRepresentative, Label: "Représentant du GNI, action sociale, siège 2", College: governance.SocialAction,
		Holder: "Camille Exemple", Since: day.Of(2025, 3, 1), State: governance.InOffice, Mine: governance.Titular, Bodies: []governance.BodyCode{governance.CMTIN}}
	h, lines := chairSample()
	return []sample{
		{"team", teamPage(team, withRoadmap(newTeamView(teamSample(), todoSample(), registerDuties(structure.TeamTodo{Waiting: 4, Accesses: 2, Bare: []string{"Ambès"}}, structure.FreshnessCounts{Unreachable: 1, Silent: 2}, monday)...)))},
		{"team-idle", teamPage(team, newTeamView(governance.Dashboard{Today: monday, Cadences: []governance.Cadence{communes.Cadence}}, minutes.TeamTodo{}))},
		{"chair", chairPage(chair, newChairView(h, lines))},
		{"chair-none", chairPage(chair, newChairView(governance.MyHome{Today: monday}, nil))},
		{"admin", adminPage(admin, adminView{Portal: &PortalCounts{214, 12, 3, 1234, monday.At(9, 5)}, Mails: notify.Counts{Failed: 2, Queued: 1, Kept: 14}})},
		{"admin-quiet", adminPage(admin, adminView{})},
		m("mayor", access.Mayor, "Bègles", []governance.MySeat{mayorSeat}, town, governance.Colleague{Name: "Noa Témoin", Title: "Référente numérique"}),
		m("mayor-over", access.Mayor, "Bègles", []governance.MySeat{over}, town),
		m("delegate", access.Delegate, "Bègles", []governance.MySeat{seatAs(held, "")}, town, mayor),
		m("delegate-alternate", access.Delegate, "Bègles", []governance.MySeat{alternate}, town, mayor),
		m("delegate-vacant", access.Delegate, "Bègles", []governance.MySeat{vacantSeat(mayorSeat)}, town),
		m("structure", access.Structure, "Les Fictifs du clavier", []governance.MySeat{structureSeat}, net),
		m("structure-representative", access.Structure, "Les Fictifs du clavier", []governance.MySeat{rep, structureSeat}, []bodyView{cmtin, gni}),
		m("structure-gone", access.Structure, "Les Fictifs du clavier", nil, nil),
		m("partner", access.Partner, "Caisse fictive", []governance.MySeat{titular}, partner),
		m("partner-alternate", access.Partner, "Caisse fictive", []governance.MySeat{second}, partner, governance.Colleague{Name: "Lou Un", Title: "Titulaire"}),
		m("partner-member", access.Partner, "Caisse fictive", []governance.MySeat{partnerSeat}, partner, governance.Colleague{Name: "Lou Un", Title: "Titulaire"}),
		m("partner-gone", access.Partner, "Caisse fictive", nil, nil),
		m("state", access.State, "Préfecture fictive", nil, []bodyView{cmtin}),
		{"scrutineer", scrutineerPage(chrome(as(access.Scrutineer, "")), scrutineerView{})},
		{"former", formerPage(chrome(access.Actor{Account: 1, Name: "Camille Exemple"}), formerView{Contact: "inclusion@example.org",
			Past: []pastView{{"Maire de Bègles", day.Of(2024, 12, 6), day.Of(2026, 3, 28)}}})},
		{"former-unknown", formerPage(chrome(access.Actor{Account: 1, Name: "Camille Exemple"}), formerView{Contact: "inclusion@example.org"})},
	}
}

func duty(c governance.BodyCode, on, until day.Day) minutes.Duty {
	return minutes.Duty{Meeting: 3, Body: c, Kind: "session", StartsAt: on.At(9, 0), Until: until}
}

// todoSample has a duty of each sort.
func todoSample() minutes.TeamTodo {
	held := day.Of(2026, time.November, 12)
	v := minutes.TeamTodo{Proposals: 2, Corrections: 1, LateActions: 3,
		Convene: []minutes.Duty{duty(governance.CMTIN, day.Of(2026, 12, 10), day.Of(2026, 12, 5))}}
	for _, state := range []string{"", "draft", "review", "validated"} {
		d := duty(governance.GNI, held, day.Day{})
		d.State = state
		v.Minutes = append(v.Minutes, d)
	}
	return v
}

func memberTodo() minutes.Todo {
	next, held := day.Of(2026, 12, 10), day.Of(2026, time.November, 12)
	return minutes.Todo{Actions: 2, Late: 1, Answer: []minutes.Duty{duty(governance.CMTIN, next, day.Day{})},
		Review: []minutes.Duty{duty(governance.GNI, held, day.Of(2026, 11, 30))}, Validate: []minutes.Duty{duty(governance.Communes, held, day.Day{})}}
}

func teamSample() governance.Dashboard {
	d := governance.Dashboard{Today: monday,
		Seats:       []governance.KindCount{{Kind: governance.President, Seats: 1}, {Kind: governance.Mayor, Seats: 28, Vacant: 2}, {Kind: governance.Partner, Seats: 14, Vacant: 1}},
		CarriedOver: []governance.DueMandate{{Seat: 41, Kind: governance.GNIRepresentative, SeatLabel: "Représentant du GNI, action sociale, siège 2", Name: "Ali Modèle", On: day.Of(2026, 10, 1)}},
		Ending: []governance.DueMandate{{Seat: 9, Kind: governance.Mayor, SeatLabel: "Maire de Cenon", Name: "Andrea Modèle", On: day.Of(2027, 1, 8)},
			{Seat: 51, Kind: governance.Partner, SeatLabel: "Caisse fictive", Name: "Lou Un", On: day.Of(2026, 12, 31)},
			{Seat: 52, Kind: governance.Partner, SeatLabel: "Agence fictive", Name: "Lou Deux", On: day.Of(2026, 12, 31)},
			{Seat: 53, Kind: governance.Partner, SeatLabel: "Service fictif", Name: "Lou Trois", On: day.Of(2026, 12, 31)}},
		Cadences: []governance.Cadence{cmtin.Cadence, partners.Cadence, gni.Cadence, communes.Cadence},
		Marks: []governance.MeetingMark{
			past(governance.GNI, 3, governance.Published), past(governance.Partners, 4, governance.Held), past(governance.GNI, 6, governance.Held),
			past(governance.Communes, 9, governance.Held), past(governance.GNI, 10, governance.Postponed), *gni.Next, *cmtin.Next},
		Unrecorded:  []governance.MeetingMark{past(governance.Partners, 11, governance.Convened)},
		NoEmail:     governance.People{Count: 3, First: []governance.NamedPerson{{ID: 1, Name: "Alix Un"}, {ID: 2, Name: "Béa Deux"}, {ID: 3, Name: "Chloé Trois"}}},
		Invited:     governance.People{Count: 1, First: []governance.NamedPerson{{ID: 1, Name: "Alix Un"}}},
		NoAccount:   governance.People{Count: 12, First: []governance.NamedPerson{{ID: 1, Name: "Alix Un"}, {ID: 2, Name: "Béa Deux"}}},
		MailsFailed: 2,
	}
	return d
}

func past(c governance.BodyCode, month time.Month, s governance.MeetingState) governance.MeetingMark {
	d := day.Of(2026, month, 12)
	return governance.MeetingMark{Body: c, StartsAt: d.At(9, 30), EndsAt: d.At(12, 0), State: s}
}

func mine(b bodyView, chaired bool, counts governance.Counts) governance.MyBody {
	m := governance.MyBody{Code: b.Code, Name: b.Name, Chaired: chaired, Counts: counts, Cadence: b.Cadence}
	if b.Next != nil {
		m.Next = []governance.MeetingMark{*b.Next}
	}
	return m
}

func chairSample() (governance.MyHome, []governance.Line) {
	h := governance.MyHome{Today: monday,
		Seats: []governance.MySeat{{ID: 2, Kind: governance.Councillor, Label: "Conseillère métropolitaine au numérique", Holder: "Camille Exemple", Since: day.Of(2024, 12, 6),
			State: governance.InOffice, Mine: governance.Titular, Bodies: []governance.BodyCode{governance.CMTIN, governance.Partners, governance.Communes}}},
		Bodies: []governance.MyBody{mine(cmtin, false, governance.Counts{Seats: 54, Persons: 52, Vacant: 2}),
			mine(partners, true, governance.Counts{Seats: 15, Vacant: 1, Persons: 14}), mine(communes, true, governance.Counts{Seats: 29, Persons: 29})},
	}
	lines := []governance.Line{
		{Kind: governance.Partner, SeatLabel: "Caisse fictive", State: governance.Vacant},
		{Kind: governance.Partner, SeatLabel: "Agence fictive", State: governance.EndsSoon, Person: 4, First: "Lou", Last: "Deux", EndsOn: day.Of(2027, 3, 1), TermEndsOn: day.Of(2026, 12, 31)},
		{Kind: governance.Mayor, SeatLabel: "Maire de Bègles", State: governance.InOffice, Person: 5},
		{Kind: governance.Mayor, SeatLabel: "Maire de Cenon", State: governance.CarriedOver, Person: 6, First: "Andrea", Last: "Modèle", TermEndsOn: day.Of(2026, 3, 1)},
		{Kind: governance.GNIRepresentative, SeatLabel: "Représentant du GNI, action sociale, siège 1", State: governance.Vacant},
	}
	return h, lines
}

var (
	mayorSeat = governance.MySeat{ID: 9, Kind: governance.Mayor, Label: "Maire de Bègles", Holder: "Camille Exemple", Since: day.Of(2026, 3, 28), TermEndsOn: day.Of(2032, 3, 31),
		Alternate: "Noa Témoin", State: governance.InOffice, Bodies: []governance.BodyCode{governance.CMTIN, governance.Communes}, Mine: governance.Titular}
	partnerSeat = governance.MySeat{ID: 51, Kind: governance.Partner, Label: "Caisse fictive", Holder: "Lou Un", Since: day.Of(2025, 2, 1), EndsOn: day.Of(2026, 12, 31),
		State: governance.EndsSoon, Bodies: []governance.BodyCode{governance.CMTIN, governance.Partners}}
	structureSeat = governance.MySeat{ID: 60, Kind: governance.Structure, Label: "Les Fictifs du clavier", College: governance.SocialAction, Holder: "Camille Exemple", Since: day.Of(2025, 1, 15),
		State: governance.InOffice, Bodies: []governance.BodyCode{governance.GNI}, Mine: governance.Titular}
)

func seatAs(s governance.MySeat, m governance.MandateKind) governance.MySeat { s.Mine = m; return s }

func vacantSeat(s governance.MySeat) governance.MySeat {
	return governance.MySeat{ID: s.ID, Kind: s.Kind, Label: s.Label, College: s.College, Bodies: s.Bodies, State: governance.Vacant}
}

func member(role access.Role, org string, seats []governance.MySeat, bodies []bodyView, colleagues ...governance.Colleague) (ui.Chrome, memberView) {
	by := as(role, org)
	h := governance.MyHome{Today: monday, Seats: seats, Colleagues: colleagues}
	for _, b := range bodies {
		h.Bodies = append(h.Bodies, mine(b, false, governance.Counts{}))
	}
	closes := monday.AddDays(20).At(18, 0)
	x := memberExtra{Contact: "inclusion@example.org", Mine: progress.Mine{Actions: 3, Asked: 2, Deadline: &closes, AskedBack: 1}}
	switch role {
	case access.Mayor, access.Delegate:
		x.INSEE = "33039"
	case access.Structure:
		for rank := 1; rank <= 5; rank++ {
			for _, c := range governance.Colleges {
				l := governance.Line{Kind: governance.GNIRepresentative, College: c, Rank: rank, State: governance.InOffice, Person: 70, First: "Zoé", Last: "Élue " + c.Label()}
				if rank == 5 {
					l.State, l.Person = governance.Vacant, 0
				}
				if rank == 1 {
					l.Alternate = "Max Second"
				}
				x.CMTIN = append(x.CMTIN, l)
			}
		}
	}
	x.Todo = memberTodo()
	return chrome(by), newMemberView(by, h, x)
}

// withRoadmap adds alerts of each kind, an open campaign and a programme that is made.
func withRoadmap(v teamView) teamView {
	closes := monday.AddDays(20).At(18, 0)
	for i, k := range watch.Kinds {
		v.Roadmap.Alerts = append(v.Roadmap.Alerts, watch.Tally{Kind: k, Count: i + 1})
	}
	v.Roadmap.Campaign = campaign.Open{ID: 4, Title: "Comité des communes", Deadline: closes, Asked: 28, Answered: 12, Waiting: 3}
	v.Roadmap.Edition = edition.Open{Year: 2027, State: edition.Proposals, ToExamine: 2}
	return v
}
