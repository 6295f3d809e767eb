package campaign

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/printing"
	domain "bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/paper"
	"bordeaux-metropole.fr/portal/web/ui"
)

// packView is the dossier and who reads it.
type packView struct {
	Campaign campaign.Campaign
	Pack     campaign.Pack
	Team     bool
	Path     string // of the page
	PDF      bool   // a PDF can be made here
	Key      string
}

func (p *Pages) packOf(r *http.Request) (packView, error) {
	id, err := campaignID(r)
	if err != nil {
		return packView{}, err
	}
	c, pack, err := p.Campaigns.Pack(r.Context(), page.Actor(r), id)
	v := packView{Campaign: c, Pack: pack, Team: domain.SightOf(page.Actor(r)) == domain.TeamSight, Path: memberPath + "/" + page.IDText(id), Key: page.NewKey()}
	if p.Printer != nil {
		v.PDF = p.Printer.Available()
	}
	return v, err
}

// TeamPack shows /equipe/campagnes/{id}/dossier.
func (p *Pages) TeamPack(w http.ResponseWriter, r *http.Request) error {
	v, err := p.packOf(r)
	if err != nil {
		return err
	}
	v.Path = packPath(v.Campaign.ID)
	return p.Kit.Show(w, r, http.StatusOK, packPage(p.Kit.Chrome(r, chromeOf(v.Campaign, "Dossier de la campagne")), v))
}

// Pack shows /campagnes/{id}, for whoever acts in the governance.
func (p *Pages) Pack(w http.ResponseWriter, r *http.Request) error {
	v, err := p.packOf(r)
	if err != nil {
		return err
	}
	v.Team = false
	c := ui.Chrome{Title: "Dossier" + french.NBSP + ": " + french.Typo(v.Campaign.Title), Section: "Feuille de route", Wide: true, Crumbs: []ui.Crumb{{Label: "Tableau de bord", Href: "/tableau-de-bord"}}}
	return p.Kit.Show(w, r, http.StatusOK, packPage(p.Kit.Chrome(r, c), v))
}

// PackFile answers the dossier as a file: pdf, csv or xlsx.
func (p *Pages) PackFile(w http.ResponseWriter, r *http.Request) error {
	v, err := p.packOf(r)
	if err != nil {
		return err
	}
	if chi.URLParam(r, "ext") == "pdf" {
		if p.Printer == nil {
			return paper.ErrNoPrinter
		}
		return paper.SendPDF(w, r, p.Printer, v.document())
	}
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok {
		return page.ErrNotFound
	}
	return export.Send(w, format, v.table())
}

func (v packView) fileName() string {
	return "avancement-des-communes-" + day.In(v.Pack.ClosedAt).String()
}

func (v packView) document() paper.Document {
	lead := "Dossier du " + french.DateTime(v.Pack.ClosedAt)
	if v.Pack.At != nil {
		lead += ", pour la réunion du Comité des communes du " + french.LongDate(day.In(*v.Pack.At))
	}
	return paper.Document{Name: v.fileName(), Title: french.Typo(v.Pack.Title), About: "dossier d’avancement", Lead: lead, Landscape: true, Body: packBody(v.Pack)}
}

// table is the dossier line by line, for a spreadsheet.
func (v packView) table() export.Table {
	t := export.Table{Title: "Avancement des actions dans les communes, " + v.Pack.Title, Name: v.fileName(), Date: day.In(v.Pack.ClosedAt),
		Source: "Bordeaux Métropole, campagne d’avancement", Columns: []export.Column{
			{Key: "commune", Heading: "Commune"}, {Key: "insee", Heading: "Code INSEE"}, {Key: "axe", Heading: "Axe", Width: 30},
			{Key: "action", Heading: "Action n°", Kind: export.NumberKind}, {Key: "titre", Heading: "Titre", Width: 40}, {Key: "avant", Heading: "Situation avant"},
			{Key: "avancement_avant", Heading: "Avancement avant (%)", Kind: export.NumberKind}, {Key: "situation", Heading: "Situation"},
			{Key: "avancement", Heading: "Avancement (%)", Kind: export.NumberKind}, {Key: "fait", Heading: "Ce qui a avancé", Width: 40},
			{Key: "difficulte", Heading: "Difficulté", Width: 40}, {Key: "type_besoin", Heading: "Type de besoin"}, {Key: "besoin", Heading: "Besoin", Width: 40},
			{Key: "suite", Heading: "Prochaine étape", Width: 40}, {Key: "a_partager", Heading: "À partager"}, {Key: "etat", Heading: "État du point"},
			{Key: "le", Heading: "Le", Kind: export.TimeKind}}}
	for _, a := range v.Pack.Lines {
		state, at := "Sans réponse", export.Cell{}
		if a.Report != 0 {
			state = a.State.Label()
			at = export.Time(*a.At)
		}
		shared := ""
		if a.GoodPractice {
			shared = "oui"
		}
		t.Rows = append(t.Rows, []export.Cell{export.Text(a.CommuneName), export.Text(a.INSEE), export.Text(a.Axis), export.Int(a.Number), export.Text(a.Title),
			export.Text(a.BeforeSituation.Label()), percentCell(a.BeforePercent), export.Text(a.Situation.Label()), percentCell(a.Percent),
			export.Text(a.Done), export.Text(a.Difficulty), export.Text(a.NeedKind.Label()), export.Text(a.Need), export.Text(a.NextStep),
			export.Text(shared), export.Text(state), at})
	}
	return t
}

func percentCell(p *int) export.Cell {
	if p == nil {
		return export.Cell{}
	}
	return export.Int(*p)
}

// files makes the dossier into what joins the meeting: a spreadsheet always, a PDF
// where one can be printed.
func (p *Pages) files(ctx context.Context, v packView) ([]document.Upload, error) {
	var b bytes.Buffer
	if err := export.Write(&b, export.XLSX, v.table()); err != nil {
		return nil, err
	}
	files := []document.Upload{upload(v.fileName()+".xlsx", export.XLSX.ContentType(), b.Bytes())}
	if p.Printer == nil || !p.Printer.Available() {
		return files, nil
	}
	printed, err := paper.Files(ctx, p.Printer, []paper.Document{v.document()})
	if err != nil {
		return files, err
	}
	for _, f := range printed {
		if !strings.HasSuffix(f.Name, ".pdf") { // Chromium went meanwhile: the page is no document to attach
			continue
		}
		files = append([]document.Upload{upload(f.Name, "application/pdf", f.Content)}, files...)
	}
	return files, nil
}

func upload(name, kind string, content []byte) document.Upload {
	return document.Upload{Name: name, MediaType: kind, Size: int64(len(content)), Content: bytes.NewReader(content)}
}

// attach joins what can be made of the dossier to the meeting.
func (p *Pages) attach(r *http.Request, v packView) (int, error) {
	files, err := p.files(r.Context(), v)
	if len(files) == 0 {
		return 0, err
	}
	if err != nil { // the spreadsheet goes; the PDF may be joined later
		level := slog.LevelError
		if errors.Is(err, printing.ErrNoBrowser) {
			level = slog.LevelInfo
		}
		slog.Log(r.Context(), level, "the pack of a campaign is not printed", "error", err)
	}
	return p.Campaigns.Attach(r.Context(), page.Actor(r), v.Campaign.ID, files)
}

// attachWords joins the dossier of a campaign just closed, and says what came of it.
func (p *Pages) attachWords(r *http.Request, c campaign.Campaign, pack campaign.Pack) string {
	if !c.MeetingOpen {
		return ""
	}
	n, err := p.attach(r, packView{Campaign: c, Pack: pack})
	if err != nil {
		slog.ErrorContext(r.Context(), "the pack of a campaign is not attached", "error", err)
		return "Il n’a pas pu être joint à la réunion : utilisez « Joindre à l’ordre du jour »."
	}
	return french.Typo(french.Capital(french.Count(n, "fichier est joint", "fichiers sont joints")) + " à l’ordre du jour de la réunion.")
}

// Attach answers POST /equipe/campagnes/{id}/dossier/reunion: « Joindre à l’ordre du
// jour », for what was not at the closing.
func (p *Pages) Attach(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	v, err := p.packOf(r)
	if err != nil {
		return err
	}
	n, err := p.attach(r, v)
	if err != nil {
		return err
	}
	if n == 0 {
		return p.done(w, r, packPath(v.Campaign.ID), "Le dossier est déjà joint à la réunion.")
	}
	return p.done(w, r, packPath(v.Campaign.ID), french.Capital(french.Count(n, "fichier est joint", "fichiers sont joints"))+" à l’ordre du jour de la réunion.")
}

func meetingPath(id meeting.ID) string {
	return "/equipe/reunions/" + page.IDText(id) + "/ordre-du-jour"
}

// averageWords is the mean percent of a total.
func averageWords(t campaign.Total) string {
	avg, ok := t.Average()
	if !ok {
		return "–"
	}
	return french.Percent(int(avg + 0.5))
}

func count(n int) string { return strconv.Itoa(n) }

// situationWords says where the answers of a total stand: « 3 en cours, 1 en retard ».
func situationWords(t campaign.Total) string {
	var out []string
	for _, s := range progress.Situations {
		if n := t.Situations[s]; n > 0 {
			out = append(out, strconv.Itoa(n)+" "+situationWord(s, n))
		}
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, ", ")
}

func situationWord(s progress.Situation, n int) string {
	switch s {
	case progress.ToCome:
		return "à venir"
	case progress.InProgress:
		return "en cours"
	case progress.Done:
		return french.Plural(n, "réalisée", "réalisées")
	case progress.Late:
		return "en retard"
	}
	return french.Plural(n, "abandonnée", "abandonnées")
}
