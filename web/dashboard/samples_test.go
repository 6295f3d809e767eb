package dashboard

import (
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
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

var year = ui.Timeline{Year: 2026, Today: monday, Rows: []ui.TimelineRow{
	{Code: "cmtin", Label: "CMTIN", Owed: 1, Planned: 1, Marks: []ui.TimelineMark{{Day: day.Of(2026, 12, 8), State: ui.MarkPlanned, Label: "CMTIN", Href: "/instances/cmtin"}}},
	{Code: "partenaires", Label: "Partenaires", Owed: 2, Held: 1, ConveneBy: day.Of(2026, 12, 26), Marks: []ui.TimelineMark{{Day: day.Of(2026, 4, 14), State: ui.MarkHeld, Label: "Partenaires", Href: "/instances/partenaires"}}},
}}

// page is one home in one state.
type sample struct {
	name string
	page templ.Component
}

func samples() []sample {
	team := chrome(as(access.Team, ""))
	chair := chrome(as(access.Chair, ""))
	admin := chrome(as(access.Administrator, ""))
	return []sample{
		{"team", teamPage(team, teamSample())},
		{"team-idle", teamPage(team, teamView{Today: monday, Timeline: year})},
		{"chair", chairPage(chair, chairSample())},
		{"admin", adminPage(admin, adminView{Accounts: &accountCounts{214, 12, 3}, Mails: notify.Counts{Failed: 2, Queued: 1, Kept: 14}, Journal: &journalHead{1234, monday.At(9, 5)}})},
		{"admin-quiet", adminPage(admin, adminView{})},
		{"mayor", memberPage(chrome(as(access.Mayor, "Bègles")), mayorSample())},
		{"scrutineer", scrutineerPage(chrome(as(access.Scrutineer, "")))},
		{"former", formerPage(chrome(access.Actor{Account: 1, Name: "Camille Exemple"}), formerView{Contact: "inclusion@example.org",
			Past: []pastView{{"Maire de Bègles", day.Of(2024, 12, 6), day.Of(2026, 3, 28)}}})},
	}
}

func teamSample() teamView {
	return teamView{Today: monday, Timeline: year, Meetings: []governance.MeetingMark{*gni.Next, *cmtin.Next}, Tasks: []task{
		{Label: "3 personnes en fonction n’ont pas d’adresse électronique", Href: "/equipe/sieges", Hint: "Elles ne peuvent pas être convoquées par courriel."},
		{Label: "2e réunion des partenaires à convoquer au plus tard le 26 décembre 2026", Href: "/instances/partenaires", Due: day.Of(2026, 12, 26)},
		{Label: "Le mandat d’Andrea Modèle (Maire de Cenon) prend fin le 8 janvier 2027", Href: "/equipe/sieges/4", Due: day.Of(2027, 1, 8)},
		{Label: "1 siège de partenaire est vacant", Href: "/equipe/sieges?etat=vacant&type=partner", Now: true, Status: "À pourvoir"},
		{Label: "2 courriels n’ont pas pu être envoyés", Href: "/equipe/courriels?etat=failed", Now: true, Status: "En échec"},
	}}
}

func chairSample() chairView {
	return chairView{Lead: "Vous présidez le groupe des partenaires institutionnels et le Comité des communes.", Today: monday, Timeline: year,
		Meetings: nil,
		Bodies: []chairedView{
			{bodyView: partners, Counts: governance.Counts{Seats: 15, Vacant: 1, Persons: 14}, EndsSoon: 2},
			{bodyView: communes, Counts: governance.Counts{Seats: 29, Persons: 29}},
		},
		Facts: []ui.SummaryRow{{Key: "Siège", Value: "Conseillère métropolitaine au numérique"}, {Key: "En fonction", Value: since(day.Of(2024, 12, 6), monday)}},
	}
}

func mayorSample() memberView {
	c, m := communes, cmtin
	c.Quality, m.Quality = "Vous y siégez comme maire de Bègles.", "Vous y siégez comme maire de Bègles."
	return memberView{Lead: "Vous êtes maire de Bègles depuis le 28 mars 2026.", Today: monday,
		Meetings: []governance.MeetingMark{*cmtin.Next}, Bodies: []bodyView{m, c}, BodiesTitle: "Vos instances",
		FactsTitle: "Votre siège", Facts: []ui.SummaryRow{{Key: "Siège", Value: "Maire de Bègles"}, {Key: "En fonction", Value: since(day.Of(2026, 3, 28), monday)},
			{Key: "Échéance", Value: "31 mars 2032"}, {Key: "État", Content: stateTag(governance.InOffice, "")}},
		PeopleTitle: "Qui agit pour Bègles", People: []personView{{"Camille Exemple", "maire", true}, {"Noa Témoin", "référente numérique", false}},
		Links: []link{{"Page publique de Bègles", "/communes/33039", ""}, {"Mon compte", "/mon-compte", ""}},
	}
}
