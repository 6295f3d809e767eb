package meeting

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

var phaseWords = []struct {
	word  string
	phase meeting.Phase
}{
	{"a-preparer", meeting.ToPrepare}, {"a-convoquer", meeting.ToConvene}, {"a-tenir", meeting.ToHold},
	{"compte-rendu", meeting.ToPublish}, {"passees", meeting.Over}, {"annulees", meeting.Off},
}

func phaseOptions() []ui.Option {
	var out []ui.Option
	for _, s := range phaseWords {
		out = append(out, ui.Option{Value: s.word, Label: s.phase.Label()})
	}
	return out
}

func phaseKind(l meeting.TeamLine) ui.Kind {
	switch {
	case l.LateNotice:
		return ui.Err
	case l.Phase == meeting.ToConvene, l.Phase == meeting.ToPublish, l.Phase == meeting.Off:
		return ui.Warn
	case l.Phase == meeting.ToHold:
		return ui.Info
	case l.Phase == meeting.Over:
		return ui.OK
	}
	return ui.Neutral
}

// progress says the next date that matters of a line.
func progress(l meeting.TeamLine) string {
	switch {
	case l.LateNotice:
		return "Délai de convocation dépassé depuis le " + french.LongDate(l.ConveneBy)
	case !l.ConveneBy.IsZero():
		return "À convoquer au plus tard le " + french.LongDate(l.ConveneBy)
	case l.Convened > 0:
		return french.Count(l.Answered, "réponse", "réponses") + " sur " + french.Count(l.Convened, "personne", "personnes")
	}
	return "–"
}

// ListTeam shows /equipe/reunions.
func (p *Pages) ListTeam(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	l, err := p.Meetings.Team(r.Context(), page.Actor(r), listFilter(q), page.Number(q))
	if err != nil {
		return err
	}
	c := p.Kit.Chrome(r, ui.Chrome{Title: "Réunions à conduire", Section: section, Crumbs: []ui.Crumb{crumbHome}})
	return p.Kit.Show(w, r, http.StatusOK, teamList(c, newList(l, q, teamPath, "etape", "instance", "annee")))
}

// TeamFile answers /equipe/reunions.{ext}: the list on screen, all pages.
func (p *Pages) TeamFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	l, err := p.Meetings.Team(r.Context(), page.Actor(r), listFilter(q), postgres.AllPages)
	if err != nil {
		return err
	}
	t := meetingsTable("Réunions à conduire", "reunions-equipe")
	t.Columns = append(t.Columns, export.Column{Key: "etape", Heading: "Étape", Width: 24}, export.Column{Key: "convoquer_avant", Heading: "À convoquer au plus tard", Kind: export.DayKind},
		export.Column{Key: "convoques", Heading: "Convoqués et invités", Kind: export.NumberKind}, export.Column{Key: "reponses", Heading: "Réponses", Kind: export.NumberKind})
	for _, x := range l.Lines {
		t.Rows = append(t.Rows, append(lineCells(x.ListLine), export.Text(x.Phase.Label()), export.Day(x.ConveneBy), export.Int(x.Convened), export.Int(x.Answered)))
	}
	return export.Send(w, format, t)
}

// ShowHub shows /equipe/reunions/{id}.
func (p *Pages) ShowHub(w http.ResponseWriter, r *http.Request) error {
	id, err := meetingID(r)
	if err != nil {
		return err
	}
	v, err := p.Meetings.Hub(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: v.Title() + " du " + french.LongDate(v.Day()), Section: crumbTeam.Label, Crumbs: []ui.Crumb{crumbHome, crumbTeam}}
	return p.Kit.Show(w, r, http.StatusOK, hubPage(p.Kit.Chrome(r, c), v, page.NewKey()))
}

func hubRows(v meeting.HubView) []ui.SummaryRow {
	change := ""
	if v.State == governance.Draft || v.State == governance.Convened {
		change = teamAddress(v.ID, "modification")
	}
	rows := []ui.SummaryRow{
		{Key: "État", Content: ui.Tag(stateKind(v.State), v.State.Label())},
		{Key: "Date", Value: french.Capital(meeting.Slot{StartsAt: v.StartsAt, EndsAt: v.EndsAt}.Say()), ActionHref: change},
		{Key: "Lieu", Value: orDash(v.Place)},
	}
	if v.VideoURL != "" {
		rows = append(rows, ui.SummaryRow{Key: "Visioconférence", Content: outLink(v.VideoURL)})
	}
	rows = append(rows, ui.SummaryRow{Key: "Thème", Value: orDash(v.Theme)})
	if v.State == governance.Draft {
		rows = append(rows, ui.SummaryRow{Key: "Dernier jour pour convoquer", Value: french.Date(v.LatestConvene()) + " (" + french.Until(v.LatestConvene(), v.Facts.Today) + ")"})
	}
	public := "Annoncée"
	if !v.Announced {
		public = "Pas encore annoncée"
	}
	return append(rows, ui.SummaryRow{Key: "Public", Value: public},
		ui.SummaryRow{Key: "Personnes invitées", Value: guestCount(v.Guests), ActionHref: teamAddress(v.ID, "invites"), ActionLabel: "Voir"})
}

func guestCount(g []meeting.Guest) string {
	if len(g) == 0 {
		return "Aucune"
	}
	return french.Count(len(g), "personne", "personnes")
}

// step makes a task: done, under way, or waiting.
func step(label, href, hint string, done, begun bool) ui.Task {
	t := ui.Task{Label: label, Href: href, Hint: hint, Kind: ui.Neutral, Status: "À faire"}
	switch {
	case done:
		t.Kind, t.Status = ui.OK, "Fait"
	case begun:
		t.Kind, t.Status = ui.Info, "En cours"
	}
	return t
}

// lifeOf is the life of a meeting, step by step.
func lifeOf(v meeting.HubView) []ui.Task {
	n := v.Facts
	at := func(part string) string { return teamAddress(v.ID, part) }
	convened := v.ConvenedAt != nil
	sent := "Elle fige la liste des personnes convoquées et annonce la réunion."
	if convened {
		sent = "Envoyée le " + french.LongDate(dayOf(*v.ConvenedAt)) + " à " + french.Count(n.Convened, "personne", "personnes") + "."
		if n.SentAt != nil {
			sent = "Envoyée le " + french.LongDate(dayOf(*n.SentAt)) + " à " + french.Count(n.Convened, "personne", "personnes") + "."
		}
	}
	dateHref := ""
	if v.State == governance.Draft || v.State == governance.Convened {
		dateHref = at("modification")
	}
	poll := ""
	if n.PollOpen {
		poll = " Sondage en cours : " + french.Count(n.PollAnswered, "réponse", "réponses") + " sur " + french.Number(n.PollVoters) + "."
	}
	return settled(v, []ui.Task{
		step("Fixer la date et le lieu", dateHref, french.Capital(french.Date(v.Day()))+"."+poll, !n.PollOpen && v.Place+v.VideoURL != "", n.PollOpen),
		step("Composer l’ordre du jour", at(PartAgenda), agendaWords(v), n.OwnItems > 0, n.Items > 0),
		step("Joindre les documents", at(PartDocuments), documentCount(n.Documents), n.Documents > 0, false),
		step("Envoyer la convocation", at(PartConvocation), sent, convened, false),
		step("Suivre les réponses", at(PartConvocation), french.Count(n.Answered, "réponse", "réponses")+" sur "+french.Number(n.Convened)+".", n.Convened > 0 && (n.Answered == n.Convened || v.Past()), n.Answered > 0),
		step("Tenir l’émargement", at(PartRoll), french.Count(n.Marked, "personne pointée", "personnes pointées")+".", v.Past(), n.Marked > 0),
		step("Prendre les notes et les décisions", at(PartNotes), notesWords(n), v.Past() && n.Notes+n.Decisions > 0, n.Notes+n.Decisions > 0),
		step("Rédiger le compte rendu", at(PartMinutes), minutesWords(n.MinutesState), n.MinutesState == "validated" || n.MinutesState == "published", n.MinutesState != ""),
		step("Publier", at(PartMinutes), french.Count(n.Publications, "version publiée", "versions publiées")+".", n.Publications > 0, false),
	})
}

// settled says of a meeting that is over, or called off, which steps nobody is asked
// for any more.
func settled(v meeting.HubView, tasks []ui.Task) []ui.Task {
	for i := range tasks {
		switch t := &tasks[i]; {
		case t.Kind == ui.OK:
		case v.CalledOff():
			t.Kind, t.Status, t.Href = ui.Neutral, "Sans objet", ""
		case v.Past() && i < 6: // before the notes and what follows
			t.Kind, t.Status = ui.Neutral, "Non enregistré"
		}
	}
	return tasks
}

func documentCount(n int) string {
	if n == 0 {
		return "Aucun document."
	}
	return french.Count(n, "document", "documents") + "."
}

func notesWords(n meeting.HubFacts) string {
	if n.Notes+n.Decisions == 0 {
		return "Rien de noté."
	}
	return french.Count(n.Notes, "note", "notes") + ", " + french.Count(n.Decisions, "décision", "décisions") + "."
}

func agendaWords(v meeting.HubView) string {
	n := v.Facts
	s := french.Count(n.Items, "point", "points")
	if n.ItemMinutes > 0 {
		s += ", " + lasting(n.ItemMinutes)
	}
	s += "."
	if n.Proposals > 0 && v.Open() && !v.Past() {
		s += " " + french.Count(n.Proposals, "proposition attend", "propositions attendent") + " votre décision."
	}
	return s
}

func minutesWords(state string) string {
	switch state {
	case "draft":
		return "En rédaction."
	case "review":
		return "En relecture par les participants."
	case "validated":
		return "Validé par la présidence."
	case "published":
		return "Publié."
	}
	return "Pas commencé."
}

// clashWords names the meetings of the same day.
func clashWords(lines []meeting.ListLine) string {
	var names []string
	for _, l := range lines {
		names = append(names, l.Title()+" ("+french.ClockRange(l.StartsAt, l.EndsAt)+")")
	}
	return french.Typo("Une autre instance se réunit le même jour : " + french.List(names) + ".")
}

// guestsView is the page of the guests of a meeting.
type guestsView struct {
	Meeting meeting.Meeting
	Guests  []meeting.Guest
	Key     string
}

func (p *Pages) guests(r *http.Request) (guestsView, error) {
	id, err := meetingID(r)
	if err != nil {
		return guestsView{}, err
	}
	m, g, err := p.Meetings.Guests(r.Context(), page.Actor(r), id)
	return guestsView{Meeting: m, Guests: g, Key: page.NewKey()}, err
}

// ShowGuests shows /equipe/reunions/{id}/invites.
func (p *Pages) ShowGuests(w http.ResponseWriter, r *http.Request) error {
	v, err := p.guests(r)
	if err != nil {
		return err
	}
	return p.showGuests(w, r, v, form.New(), nil)
}

func (p *Pages) showGuests(w http.ResponseWriter, r *http.Request, v guestsView, f *form.Form, refusal error) error {
	c := meetingChrome(v.Meeting, "Personnes invitées")
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), guestsPage(p.Kit.FormChrome(r, c, f), v, f))
}

var roleWords = []struct {
	word string
	role meeting.GuestRole
}{{"etat", meeting.StateGuest}, {"expertise", meeting.ExpertGuest}, {"autre", meeting.OtherGuest}}

func roleOptions() []ui.Option {
	var out []ui.Option
	for _, x := range roleWords {
		out = append(out, ui.Option{Value: x.word, Label: x.role.Label()})
	}
	return out
}

// AddGuest answers POST /equipe/reunions/{id}/invites.
func (p *Pages) AddGuest(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	word := f.Choice("role", "Choisissez à quel titre cette personne est invitée.", "etat", "expertise", "autre")
	in := meeting.GuestInput{Name: f.Line("nom", "Saisissez le nom de la personne invitée.", 160), Organisation: f.Line("organisation", "", 200), Email: f.Email("courriel", "")}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.guests(r)
	if err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		var role meeting.GuestRole
		for _, x := range roleWords {
			if x.word == word {
				role = x.role
			}
		}
		_, refusal = p.Meetings.AddGuest(r.Context(), page.Actor(r), v.Meeting.ID, role, in)
		if refusal == nil {
			return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, "invites"), in.Name+french.Typo(" : sur la liste des personnes invitées."))
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showGuests(w, r, v, f, refusal)
}

// RemoveGuest answers POST /equipe/reunions/{id}/invites/{invite}/retrait.
func (p *Pages) RemoveGuest(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.guests(r)
	if err != nil {
		return err
	}
	guest, err := page.PathID[meeting.GuestID](r, "invite")
	if err != nil {
		return err
	}
	if err := p.Meetings.RemoveGuest(r.Context(), page.Actor(r), v.Meeting.ID, guest); err != nil {
		return err
	}
	return p.Kit.Done(w, r, teamAddress(v.Meeting.ID, "invites"), "La personne n’est plus sur la liste.")
}
