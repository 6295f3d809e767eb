package space

import (
	"net/http"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/page"
	webstructure "bordeaux-metropole.fr/portal/web/structure"
	"bordeaux-metropole.fr/portal/web/ui"
)

const nextMeetings = 5

// homeView is the space of a structure.
type homeView struct {
	structure.Space
	Todo     minutes.Todo
	Meetings []meeting.MyLine
	Votes    election.Cards
	Cards    []election.Card // elections in course
	Contact  string
	Key      string
}

// Manages tells whether the reader may change the sheet and the people.
func (v homeView) Manages() bool { return v.Right >= structure.Manager }

// ShowHome shows /ma-structure.
func (p *Pages) ShowHome(w http.ResponseWriter, r *http.Request) error {
	v := homeView{Contact: p.Contact, Key: page.NewKey()}
	by := page.Actor(r)
	var err error
	v.Space, err = p.Structures.Space(r.Context(), by, func(b *postgres.Batch) {
		minutes.AddTodo(b, &v.Todo, by)
		meeting.AddOrganisationMeetings(b, &v.Meetings, by.Acting.Organisation, nextMeetings)
		election.AddCards(b, &v.Votes, by)
	})
	if err != nil {
		return err
	}
	if v.Cards, err = v.Votes.All(); err != nil {
		return err
	}
	c := ui.Chrome{Title: french.Typo(v.Sheet.Name), Section: section, Crumbs: []ui.Crumb{crumbDashboard}}
	return p.Kit.Show(w, r, http.StatusOK, homePage(p.Kit.Chrome(r, c), v))
}

// Confirm answers POST /ma-structure/a-jour.
func (p *Pages) Confirm(w http.ResponseWriter, r *http.Request) error {
	f, err := readForm(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	id, err := own(r)
	if err != nil {
		return err
	}
	if err := p.Structures.ConfirmUpToDate(r.Context(), page.Actor(r), id); err != nil {
		return err
	}
	return p.Kit.Done(w, r, homePath, "Merci"+french.NBSP+": vos informations sont confirmées à jour.")
}

// lead says what the structure is to the GNI today.
func (v homeView) lead() string {
	switch {
	case v.SeatFrom.IsZero():
		return "Votre structure n’a pas de siège au Groupe Numérique Inclusif (GNI) aujourd’hui."
	case v.SeatFrom.After(v.Today):
		return "Votre structure devient membre du Groupe Numérique Inclusif (GNI) le " + french.LongDate(v.SeatFrom) + "."
	}
	return "Votre structure est membre du Groupe Numérique Inclusif (GNI) depuis le " + french.LongDate(v.SeatFrom) + "."
}

// tasks is what waits for the reader.
func (v homeView) tasks() []ui.Task {
	var out []ui.Task
	if v.Manages() && v.Waiting > 0 {
		out = append(out, ui.Task{Label: french.Count(v.Waiting, "demande d’accès attend", "demandes d’accès attendent") + " votre réponse", Href: accessPath,
			Kind: ui.Warn, Status: "À traiter"})
	}
	for _, l := range v.Meetings {
		if l.Asks() {
			out = append(out, ui.Task{Label: "Dire si votre structure sera représentée" + french.NBSP + ": " + l.Title() + ", " + french.LongDate(l.Day()),
				Href: meetingAddress(l), Kind: ui.Warn, Status: "Réponse attendue"})
		}
	}
	if v.Todo.Actions > 0 {
		t := ui.Task{Label: french.Count(v.Todo.Actions, "action vous est demandée", "actions vous sont demandées"), Href: minutes.MyActionsPath, Kind: ui.Neutral, Status: "En cours"}
		if v.Todo.Late > 0 {
			t.Kind, t.Status = ui.Err, "En retard"
		}
		out = append(out, t)
	}
	return out
}

// freshKind is how a freshness shows.
func freshKind(f structure.Freshness) ui.Kind {
	switch f {
	case structure.Fresh:
		return ui.OK
	case structure.Recent:
		return ui.Neutral
	}
	return ui.Warn
}

// confirmed says when a sheet was last said to be right.
func confirmed(s structure.Sheet, today day.Day) string {
	on := day.In(s.UpToDateAt)
	when := french.Ago(on, today)
	return "Dernière confirmation" + french.NBSP + ": le " + french.LongDate(on) + " (" + when + ")."
}

// meetingAddress is one's own page once convened, else the public one.
func meetingAddress(l meeting.MyLine) string {
	if l.Convocation != 0 && l.State == governance.Convened {
		return "/mes-reunions/" + page.IDText(l.ID)
	}
	return "/reunions/" + page.IDText(l.ID)
}

// agenda is the meetings to come, with what the structure answered.
func agenda(lines []meeting.MyLine) []ui.AgendaItem {
	out := make([]ui.AgendaItem, len(lines))
	for i, l := range lines {
		meta := []string{french.ClockRange(l.StartsAt, l.EndsAt)}
		if l.Place != "" {
			meta = append(meta, french.Typo(l.Place))
		}
		out[i] = ui.AgendaItem{Day: l.Day(), Title: french.Typo(l.Title()), Href: meetingAddress(l), Meta: strings.Join(meta, ", "), Kind: ui.Neutral}
		switch {
		case l.Asks():
			out[i].Kind, out[i].Status = ui.Warn, "Réponse attendue"
		case l.Convocation == 0:
			out[i].Status = "Convocation à venir"
		case l.Answer != "":
			out[i].Status = l.Answer.Label()
		}
	}
	return out
}

// collegeWords says what the college gives a vote for.
func collegeWords(c governance.College) string {
	return "Dans ce collège, votre structure peut présenter une personne et voter pour les cinq sièges de représentants " + ofCollege(c) +
		" au Comité métropolitain territorial pour l’inclusion numérique (CMTIN). Elle ne vote pas pour les cinq sièges de l’autre collège."
}

func ofCollege(c governance.College) string {
	if c == governance.SocialAction {
		return "de l’action sociale"
	}
	return "de la médiation numérique"
}

// representation says whether somebody of the structure sits at the CMTIN.
func (v homeView) representation() string {
	if r := v.OurRepresentative(); r != nil {
		return r.Holder + " siège au CMTIN depuis le " + french.LongDate(r.Since) + ", au titre du GNI et de votre collège."
	}
	return "Aujourd’hui, aucune personne de votre structure ne siège au CMTIN au titre du GNI."
}

// consentWords says what was answered, when and by whom.
func consentWords(c structure.ConsentInForce) string {
	answer := "Non"
	if c.Given {
		answer = "Oui"
	}
	s := answer + ", le " + french.Date(day.In(c.At))
	if c.By != "" {
		s += ", par " + c.By
	}
	return s + "."
}

// consentOf returns the answer in force to a use, nil when there is none.
func (v homeView) consentOf(u structure.Use) *structure.ConsentInForce {
	for i := range v.Consents {
		if v.Consents[i].Use == u {
			return &v.Consents[i]
		}
	}
	return nil
}

// rows say a section of the sheet; who runs the structure is led to where it changes.
func (v homeView) rows(s structure.Section) []ui.SummaryRow {
	rows := v.consentRows()
	if s != structure.Consents {
		rows = webstructure.Rows(s, v.Sheet)
	}
	if v.Manages() {
		webstructure.Changeable(rows, sheetPath+string(s), s.Label())
	}
	return rows
}

// consentRows says each use of the data, with its answer and its date.
func (v homeView) consentRows() []ui.SummaryRow {
	out := make([]ui.SummaryRow, len(structure.Uses))
	for i, u := range structure.Uses {
		out[i] = ui.SummaryRow{Key: u.Wording(), Value: "Aucune réponse enregistrée."}
		if c := v.consentOf(u); c != nil {
			out[i] = ui.SummaryRow{Key: french.Typo(c.Wording), Value: consentWords(*c)}
		}
	}
	return out
}

// stepWho says who did what the story tells.
func stepWho(s structure.Step) string {
	switch {
	case s.ByTeam:
		return "L’équipe métropolitaine"
	case s.By == "":
		return "Le portail"
	}
	return s.By
}

func stepDay(at time.Time) string { return french.Date(day.In(at)) }

// personRole says what somebody is in the structure.
func personRole(p structure.SpacePerson) string {
	switch {
	case p.InCharge:
		return "Personne référente"
	case p.Mandate != 0:
		return "Suppléance"
	case p.Manager:
		return "Gère la fiche et les accès"
	}
	return "Agit pour la structure"
}
