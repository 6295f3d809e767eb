package dashboard

import (
	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/structure"
	pages "bordeaux-metropole.fr/portal/web/governance"
	"bordeaux-metropole.fr/portal/web/roadmap"
	"bordeaux-metropole.fr/portal/web/ui"
)

// memberExtra is what a home needs besides governance.MyHome.
type memberExtra struct {
	Contact string
	Todo    minutes.Todo      // what meetings ask
	INSEE   string            // of the commune acted for; "" for no commune
	CMTIN   []governance.Line // its composition today, for a structure
	Sheet   structure.StructureTodo
	Mine    progress.Mine // what the roadmap asks of the organisation
	// Elections in course, for a structure.
	Elections []election.Card
}

// newMemberView makes the home of the role acted in.
func newMemberView(by access.Actor, h governance.MyHome, x memberExtra) memberView {
	org := by.Acting.OrganisationName
	v := memberView{Today: h.Today, PeopleTitle: "Qui agit pour votre organisation", People: peopleOf(by, h.Colleagues)}
	v.Tasks = dutiesOf(x.Todo)
	seat := mainSeat(h.Seats)
	if seat != nil {
		v.Alert = seatAlert(*seat)
		v.Facts = seatFacts(*seat, h.Today)
	}
	for _, b := range h.Bodies {
		bv := newBodyView(b)
		bv.Quality = quality(by, h.Seats, b.Code)
		v.Bodies = append(v.Bodies, bv)
		v.Meetings = append(v.Meetings, b.Next...)
	}
	v.Meetings = soonest(v.Meetings)
	switch by.Role() {
	case access.Mayor, access.Delegate:
		v.commune(by, seat, x.INSEE)
	case access.Structure:
		v.structure(org, seat, x.CMTIN)
		v.Tasks = byUrgency(append(v.Tasks, append(structureDuties(x.Sheet), electionDuties(x.Elections, by)...)...))
		v.Links = append(v.Links, link{"Ma structure", structure.SpacePath})
	case access.Partner:
		v.partner(org, seat)
		v.Links = append(v.Links, link{"Les financements de la feuille de route", roadmap.FundingPath})
	case access.State:
		v.state(org)
	}
	if !by.Is(access.State) {
		v.Mine = &x.Mine
		v.Tasks = byUrgency(append(v.Tasks, mineDuties(x.Mine)...))
	}
	v.Links = append(v.Links, link{"Mes réunions", "/mes-reunions"}, link{"Proposer un point à l’ordre du jour", "/mes-reunions/propositions"},
		link{"Les quatre instances", "/instances"}, link{"Mon compte", "/mon-compte"},
		link{"Écrire à l’équipe métropolitaine", "mailto:" + x.Contact})
	return v
}

func (v *memberView) commune(by access.Actor, seat *governance.MySeat, insee string) {
	org := by.Acting.OrganisationName
	v.FactsTitle, v.PeopleTitle = "Le siège "+french.De(org), "Qui agit pour "+org
	v.Lead = "Vous agissez pour " + org + "."
	if seat != nil {
		switch {
		case seat.Mine == governance.Titular:
			v.FactsTitle = "Votre siège"
			v.Lead = "Vous êtes " + lower(seat.Label) + " depuis le " + french.LongDate(seat.Since) + "."
		case seat.Holder == "":
			v.Lead = "Vous agissez pour " + org + ", dont le siège de maire est à pourvoir."
		case seat.Mine == governance.Alternate:
			v.Lead = "Vous suppléez " + seat.Holder + ", " + lower(seat.Label) + "."
		default:
			v.Lead = "Vous agissez pour " + org + ", aux côtés " + french.De(seat.Holder) + ", " + lower(seat.Label) + "."
		}
	}
	if insee != "" {
		v.Links = append(v.Links, link{"La page publique " + french.De(org), "/communes/" + insee})
	}
}

func (v *memberView) structure(org string, seat *governance.MySeat, cmtin []governance.Line) {
	v.Lead = "Vous agissez pour la structure " + quoted(org) + ", membre du Groupe Numérique Inclusif (GNI)."
	v.FactsTitle, v.PeopleTitle = "Votre structure", "Qui agit pour votre structure"
	if seat == nil {
		v.Lead = "Vous agissez pour la structure " + quoted(org) + ", qui n’a plus de siège au Groupe Numérique Inclusif (GNI)."
		return
	}
	v.Facts = append([]ui.SummaryRow{{Key: "Structure", Value: org}, {Key: "Collège", Value: seat.College.Label()}}, v.Facts[1:]...)
	v.RoleTitle = "Votre collège : " + lower(seat.College.Label())
	v.RoleTexts = []string{
		"Chaque structure du GNI est dans un collège. Cinq représentants " + college(seat.College) +
			" siègent au Comité métropolitain territorial pour l’inclusion numérique (CMTIN), à côté de cinq représentants " + college(other(seat.College)) + ".",
	}
	v.SeatsTitle = "Les représentants de votre collège aujourd’hui"
	for _, l := range cmtin {
		if l.Kind == governance.GNIRepresentative && l.College == seat.College {
			s := seatView{Label: seatNumber(l.Rank), Holder: l.Name(), State: l.State}
			if l.Alternate != "" {
				s.Detail = "Suppléance : " + l.Alternate
			}
			v.Seats = append(v.Seats, s)
		}
	}
}

func (v *memberView) partner(org string, seat *governance.MySeat) {
	v.FactsTitle = "Le siège de votre organisation"
	v.Lead = "Vous agissez pour un partenaire institutionnel" + french.NBSP + ": " + org + "."
	if seat == nil {
		v.Lead = "Vous agissez pour l’organisation " + quoted(org) + ", qui n’a pas de siège aujourd’hui."
		return
	}
	switch {
	case seat.Mine == governance.Titular:
		v.FactsTitle = "Votre siège"
		v.Lead = "Vous représentez l’organisation " + quoted(org) + " depuis le " + french.LongDate(seat.Since) + "."
	case seat.Mine == governance.Alternate && seat.Holder != "":
		v.Lead = "Vous suppléez " + seat.Holder + ", qui représente l’organisation " + quoted(org) + "."
	}
	v.RoleTitle = "Votre place dans la gouvernance"
	v.RoleTexts = []string{
		"Le groupe des partenaires institutionnels coordonne les actions et réfléchit aux financements à long terme.",
		"Ses membres siègent aussi au Comité métropolitain territorial pour l’inclusion numérique (CMTIN).",
	}
}

func (v *memberView) state(org string) {
	v.Lead = "Vous représentez l’État : " + org + "."
	v.RoleTitle = "Votre rôle au CMTIN"
	v.RoleTexts = []string{
		"Le Comité métropolitain territorial pour l’inclusion numérique (CMTIN) se réunit une fois par an, « en présence du représentant de l’État ».",
		"Le portail ne compte cette séance pour l’année que si votre présence et celle de la Présidente y sont enregistrées.",
	}
}

// mainSeat is the seat of the organisation acted for: not the one a person may
// hold besides as representative of the GNI.
func mainSeat(seats []governance.MySeat) *governance.MySeat {
	for i := range seats {
		if seats[i].Kind != governance.GNIRepresentative {
			return &seats[i]
		}
	}
	return nil
}

// seatAlert tells what must be known of a seat before anything else.
func seatAlert(s governance.MySeat) alert {
	switch {
	case s.State == governance.Vacant:
		return alert{ui.Info, "Ce siège est à pourvoir : " + s.Label, "Faites connaître à l’équipe métropolitaine la personne désignée."}
	case s.Mine == "":
		return alert{}
	case s.State == governance.CarriedOver:
		return alert{ui.Warn, "L’échéance du mandat est passée depuis le " + french.LongDate(s.TermEndsOn) + ".",
			"Le mandat est prolongé jusqu’à la désignation suivante."}
	case s.State == governance.EndsSoon:
		return alert{ui.Warn, "Le mandat prend fin le " + french.LongDate(firstEnd(s)) + ".",
			"Faites connaître à l’équipe métropolitaine la personne désignée ensuite."}
	}
	return alert{}
}

// firstEnd is when a mandate ends or is due to, what comes first; zero: never.
func firstEnd(s governance.MySeat) day.Day {
	if s.EndsOn.IsZero() || !s.TermEndsOn.IsZero() && s.TermEndsOn.Before(s.EndsOn) {
		return s.TermEndsOn
	}
	return s.EndsOn
}

// seatFacts is a seat today, as a summary; its first line names it.
func seatFacts(s governance.MySeat, today day.Day) []ui.SummaryRow {
	rows := []ui.SummaryRow{{Key: "Siège", Value: s.Label}}
	if s.State != governance.Vacant {
		holder := s.Holder
		if s.Mine == governance.Titular {
			holder += " (vous)"
		}
		end := "Aucune n’est fixée"
		if d := firstEnd(s); !d.IsZero() {
			end = french.LongDate(d) + " (" + french.Until(d, today) + ")"
		}
		alternate := "Aucune"
		switch {
		case s.Mine == governance.Alternate:
			alternate = s.Alternate + " (vous)"
		case s.Alternate != "":
			alternate = s.Alternate
		}
		rows = append(rows, ui.SummaryRow{Key: "Titulaire", Value: holder}, ui.SummaryRow{Key: "En fonction", Value: since(s.Since, today)},
			ui.SummaryRow{Key: "Échéance", Value: end})
		if !s.Kind.Chairs() {
			rows = append(rows, ui.SummaryRow{Key: "Suppléance", Value: alternate})
		}
	}
	return append(rows, ui.SummaryRow{Key: "État", Content: ui.Tag(pages.StateKind(s.State), s.State.Label())})
}

// quality says in which quality the actor has to do with a body.
func quality(by access.Actor, seats []governance.MySeat, body governance.BodyCode) string {
	org := by.Acting.OrganisationName
	if by.Is(access.State) {
		return "Vous y participez au nom de l’État."
	}
	for _, s := range seats {
		if !has(s.Bodies, body) {
			continue
		}
		switch {
		case s.Kind == governance.GNIRepresentative:
			return "Vous y siégez au titre du GNI, collège " + lower(s.College.Label()) + "."
		case s.State == governance.Vacant:
			if s.Kind == governance.Mayor {
				return "Le siège " + french.De(org) + " y est à pourvoir."
			}
			return "Le siège de " + yours(s.Kind) + " y est à pourvoir."
		case s.Mine == governance.Titular && (s.Kind == governance.Mayor || s.Kind.Chairs()):
			return "Vous y siégez comme " + lower(s.Label) + "."
		case s.Mine == governance.Titular:
			return "Vous y siégez pour " + yours(s.Kind) + "."
		case s.Mine == governance.Alternate:
			return "Vous y suppléez " + s.Holder + "."
		case s.Kind == governance.Mayor:
			return s.Holder + " y siège comme " + lower(s.Label) + "."
		}
		return s.Holder + " y siège pour " + yours(s.Kind) + "."
	}
	return ""
}

// yours names the organisation acted for without its name.
func yours(k governance.SeatKind) string {
	if k == governance.Structure {
		return "votre structure"
	}
	return "votre organisation"
}

func has(bodies []governance.BodyCode, body governance.BodyCode) bool {
	for _, b := range bodies {
		if b == body {
			return true
		}
	}
	return false
}

// peopleOf is who acts for the organisation, the reader first.
func peopleOf(by access.Actor, colleagues []governance.Colleague) []personView {
	people := []personView{{Name: by.Name, IsYou: true}}
	for _, c := range colleagues {
		people = append(people, personView{Name: c.Name, Title: c.Title})
	}
	return people
}

func newBodyView(b governance.MyBody) bodyView {
	v := bodyView{Code: b.Code, Name: b.Name, Cadence: b.Cadence}
	if len(b.Next) > 0 {
		v.Next = &b.Next[0]
	}
	return v
}

// college names one after « représentants »: « de l’action sociale ».
func college(c governance.College) string {
	if c == governance.SocialAction {
		return "de l’action sociale"
	}
	return "de la médiation numérique"
}

func other(c governance.College) governance.College {
	if c == governance.SocialAction {
		return governance.DigitalMediation
	}
	return governance.SocialAction
}
