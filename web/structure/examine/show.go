package examine

import (
	"net/http"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"

	sheets "bordeaux-metropole.fr/portal/web/structure"
)

// examinationView is the team's page of a structure.
type examinationView struct {
	structure.Examination
	Decision *form.Form // the form of the decision, of a note, or of the reopening
	Today    day.Day
}

// ShowStructure shows /equipe/structures/{id}.
func (p *Pages) ShowStructure(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[structure.ID](r, "id")
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("debut", french.NumericDate(day.Today()))
	return p.showStructure(w, r, id, f, nil)
}

func (p *Pages) showStructure(w http.ResponseWriter, r *http.Request, id structure.ID, f *form.Form, refusal error) error {
	x, err := p.Structures.Examine(r.Context(), page.Actor(r), id)
	if err != nil {
		return err
	}
	v := examinationView{Examination: x, Decision: f, Today: day.Today()}
	c := chrome(x.Sheet.Name, crumbRegister)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), examinationPage(p.Kit.FormChrome(r, c, f), v))
}

// lead says since when the request waits.
func (v examinationView) lead() string {
	s := v.Sheet
	switch {
	case s.State == structure.Submitted:
		return "Demande d’entrée dans le Groupe Numérique Inclusif (GNI), reçue " + age(s.SubmittedAt, v.Today) + "."
	case s.State == structure.MoreAsked:
		return "Demande d’entrée dans le Groupe Numérique Inclusif (GNI)" + french.NBSP + ": la structure doit répondre à l’équipe."
	case s.State == structure.Unconfirmed:
		return "La demande est envoyée, mais son adresse électronique n’est pas encore confirmée. Elle s’examine ensuite."
	}
	return "Registre du Groupe Numérique Inclusif (GNI)."
}

// typed is what was written for a decision that is no longer to be taken: the page
// has no field for it any more, and gives it back.
func (v examinationView) typed() string {
	if v.Sheet.State.Waiting() || v.Sheet.State == structure.Refused {
		return ""
	}
	return strings.TrimSpace(v.Decision.Value("question") + v.Decision.Value("motif") + v.Decision.Value("mot"))
}

// facts are what the page says first.
func (v examinationView) facts() []ui.SummaryRow {
	s := v.Sheet
	rows := []ui.SummaryRow{
		{Key: "État", Content: ui.Tag(stateKind(s.State), s.State.Label())},
		{Key: "Commune", Value: s.Commune},
		{Key: "Collège", Value: s.College.Label()},
	}
	if s.Commune == "" {
		rows[1].Value = "Commune à compléter"
	}
	if s.SubmittedAt != nil {
		rows = append(rows, ui.SummaryRow{Key: "Reçue", Value: french.DateTime(*s.SubmittedAt) + " (" + age(s.SubmittedAt, v.Today) + ")"})
	}
	if s.DecidedAt != nil {
		rows = append(rows, ui.SummaryRow{Key: "Dernière décision", Value: french.DateTime(*s.DecidedAt)})
	}
	if s.State == structure.Accepted {
		rows = append(rows, ui.SummaryRow{Key: "Mise à jour", Value: s.Freshness.Label()})
	}
	if s.State == structure.Merged {
		rows = append(rows, ui.SummaryRow{Key: "Fusionnée dans", Value: "Autre fiche", ActionLabel: "Ouvrir cette fiche", ActionHref: structurePath(s.MergedInto)})
	}
	return rows
}

// sectionTitle names a section for the team, which is not the structure.
func sectionTitle(s structure.Section) string {
	return french.Capital(strings.NewReplacer("Votre structure", "Structure", "Votre collège", "Collège", "Vos ", "", "Votre ", "", "Ce que vous faites", "Ce qu’elle fait",
		"Où vous agissez", "Où elle agit").Replace(s.Label()))
}

// sections are the sheet, section by section.
func (v examinationView) sections() []sheetPart {
	var out []sheetPart
	for _, s := range structure.SheetSections {
		part := sheetPart{sectionTitle(s), sheets.Rows(s, v.Sheet)}
		if v.living() {
			sheets.Changeable(part.Rows, structurePath(v.Sheet.ID)+"/fiche/"+string(s), part.Title)
		}
		out = append(out, part)
	}
	return out
}

// sheetPart is a section of a sheet in words; its first row leads to where it is
// changed, when it may be.
type sheetPart struct {
	Title string
	Rows  []ui.SummaryRow
}

// acts are what else the team may do of the structure, by its state.
func (v examinationView) acts() []ui.Crumb {
	base := structurePath(v.Sheet.ID)
	college := ui.Crumb{Label: "Changer de collège", Href: base + "/college"}
	merge := ui.Crumb{Label: "Fusionner avec une autre fiche", Href: base + "/fusion"}
	leave := ui.Crumb{Label: "Enregistrer le départ", Href: base + "/depart"}
	switch v.Sheet.State {
	case structure.Submitted, structure.MoreAsked:
		return []ui.Crumb{college, merge}
	case structure.Accepted:
		return []ui.Crumb{college, {Label: "Suspendre", Href: base + "/suspension"}, leave, merge}
	case structure.Suspended:
		return []ui.Crumb{{Label: "Enregistrer le retour", Href: base + "/retour"}, leave, merge}
	case structure.Left:
		return []ui.Crumb{{Label: "Enregistrer le retour", Href: base + "/retour"}, merge}
	}
	return nil
}

// living tells whether the sheet may be changed.
func (v examinationView) living() bool {
	return v.Sheet.State != structure.Merged && v.Sheet.State != structure.Lapsed
}

// compared is one line of the table that sets a structure beside its twins.
type compared struct {
	Label string
	Own   string
	Cells []comparedCell
}

type comparedCell struct {
	Text string
	Word string // « identique », « différent », "" when one of them says nothing
}

// comparison sets the structure beside those that look like it, field by field; the
// differences are told by a word.
func (v examinationView) comparison() []compared {
	own := structure.TwinSheet{Name: v.Sheet.Name, SIRET: v.Sheet.SIRET, RNA: v.Sheet.RNA, Commune: v.Sheet.Commune, Address: v.Sheet.Address,
		PostalCode: v.Sheet.PostalCode, Phone: v.Sheet.Phone, Emails: v.Sheet.Emails, Websites: v.Sheet.Websites, College: v.Sheet.College,
		State: v.Sheet.State, CreatedAt: v.Sheet.CreatedAt}
	var out []compared
	for _, f := range comparedFields {
		line := compared{Label: f.label, Own: f.read(own)}
		for _, t := range v.Twins {
			line.Cells = append(line.Cells, compare(line.Own, f.read(t), f.judged))
		}
		out = append(out, line)
	}
	return out
}

func compare(own, other string, judged bool) comparedCell {
	c := comparedCell{Text: other}
	switch {
	case !judged || own == "" || other == "":
	case strings.EqualFold(french.SortKey(own), french.SortKey(other)):
		c.Word = "identique"
	default:
		c.Word = "différent"
	}
	return c
}

// comparedFields are what tells whether two records are the same structure.
var comparedFields = []struct {
	label  string
	judged bool
	read   func(structure.TwinSheet) string
}{
	{"Nom", true, func(t structure.TwinSheet) string { return t.Name }},
	{"SIRET", true, func(t structure.TwinSheet) string { return t.SIRET }},
	{"RNA", true, func(t structure.TwinSheet) string { return t.RNA }},
	{"Commune", true, func(t structure.TwinSheet) string { return t.Commune }},
	{"Adresse", true, func(t structure.TwinSheet) string { return t.Address }},
	{"Code postal", true, func(t structure.TwinSheet) string { return t.PostalCode }},
	{"Téléphone", true, func(t structure.TwinSheet) string { return t.Phone }},
	{"Courriels", true, func(t structure.TwinSheet) string { return strings.Join(t.Emails, ", ") }},
	{"Sites", true, func(t structure.TwinSheet) string { return strings.Join(t.Websites, ", ") }},
	{"Collège", true, func(t structure.TwinSheet) string { return t.College.Label() }},
	{"État", false, func(t structure.TwinSheet) string { return t.State.Label() }},
	{"Créée le", false, func(t structure.TwinSheet) string { return french.LongDate(day.In(t.CreatedAt)) }},
}

// likeness says why a record is shown beside the structure.
func likeness(t structure.TwinSheet) string {
	if t.SameID {
		return "Même SIRET"
	}
	return "Nom proche à " + french.Percent(t.Likeness) + ", même commune"
}

// consentWord says what was answered.
func consentWord(c structure.ConsentLine) (ui.Kind, string) {
	if c.Given {
		return ui.OK, "Accord donné"
	}
	return ui.Neutral, "Accord refusé"
}

// said says who made a step, and when.
func said(s structure.Step) string {
	w := french.DateTime(s.At)
	if s.By != "" {
		w += ", " + s.By
		if s.ByTeam {
			w += " (équipe)"
		}
	}
	return w
}

// asker names who asks to act for a structure.
func asker(a structure.WaitingAccess) string {
	if a.Title == "" {
		return french.Typo(a.Name)
	}
	return french.Typo(a.Name + ", " + a.Title)
}
