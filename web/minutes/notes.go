package minutes

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
)

// MaxNotesBody is what the notes of a whole meeting may weigh.
const MaxNotesBody = 4 << 20

const maxNoteText = 20_000

// notesView is the page of the notes of a meeting.
type notesView struct {
	Orphans []string // typed for points taken off the agenda meanwhile
	minutes.Session
	Theirs map[meeting.ItemID]minutes.Note // written by somebody else meanwhile
	Key    string
}

func noteField(id meeting.ItemID) string   { return "texte-" + page.IDText(id) }
func noteVersion(id meeting.ItemID) string { return "version-" + page.IDText(id) }
func noteBase(id meeting.ItemID) string    { return "base-" + page.IDText(id) }
func noteAnchor(id meeting.ItemID) string  { return "point-" + page.IDText(id) }
func noteLabel(p meeting.Item) string      { return "Notes du point " + p.Number }

// askedOf says what a point asks, who presents it, and whether it was moved.
func askedOf(x meeting.Item) string {
	words := []string{x.Kind.Label()}
	if x.Rapporteur != "" {
		words = append(words, typeset(x.Rapporteur))
	}
	if x.Moved() {
		words = append(words, "reporté à une autre réunion")
	}
	return strings.Join(words, ", ")
}

func (v notesView) canNote() bool {
	return v.MeetingState != governance.Published && !v.From().CalledOff()
}
func (v notesView) today() day.Day       { return day.Today() }
func (v notesView) takesPositions() bool { return v.Body == governance.CMTIN }
func (v notesView) beforeTheDay() bool   { return v.From().Day().After(day.Today()) }
func (v notesView) canDecide() bool {
	return v.canNote() && v.MeetingState != governance.Draft && !v.beforeTheDay()
}

// fingerprint tells whether a text is still the one the page was made with: what
// nobody touched is not sent over what somebody else wrote.
func fingerprint(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:8])
}

// put fills the form with the notes as they are; keep leaves what was typed in the
// fields named, and only renews their version.
func (v notesView) put(f *form.Form, keep map[meeting.ItemID]bool) {
	for _, p := range v.Points {
		var n minutes.Note
		if of := v.ForItem(p.ID).Notes; len(of) > 0 {
			n = of[0]
		}
		if !keep[p.ID] {
			f.Set(noteField(p.ID), n.Text)
		}
		f.Set(noteVersion(p.ID), strconv.Itoa(n.Version))
		f.Set(noteBase(p.ID), fingerprint(n.Text))
	}
}

// ShowNotes shows /equipe/reunions/{id}/seance.
func (p *Pages) ShowNotes(w http.ResponseWriter, r *http.Request) error {
	v, err := p.notes(r)
	if err != nil {
		return err
	}
	f := form.New()
	v.put(f, nil)
	return p.showNotes(w, r, v, f, nil)
}

func (p *Pages) notes(r *http.Request) (notesView, error) {
	id, err := page.PathID[meeting.ID](r, "id")
	if err != nil {
		return notesView{}, err
	}
	s, err := p.Minutes.SessionOf(r.Context(), page.Actor(r), id)
	return notesView{Session: s, Key: page.NewKey()}, err
}

func (p *Pages) showNotes(w http.ResponseWriter, r *http.Request, v notesView, f *form.Form, refusal error) error {
	c := teamChrome("Notes et décisions", hubCrumb(v.Origin.From()))
	c.Section = meetingWords(v.From())
	c.Wide = true
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), notesPage(p.Kit.FormChrome(r, c, f), v, f))
}

// typedNotes reads the notes of the form that somebody touched. A note that nobody
// wrote over is told by its fingerprint.
func (v notesView) typedNotes(f *form.Form) []minutes.NoteInput {
	var out []minutes.NoteInput
	for _, p := range v.Points {
		if f.Values(noteField(p.ID)) == nil {
			continue // a point added since the page was shown
		}
		text := f.Text(noteField(p.ID), "", maxNoteText)
		version := f.Int(noteVersion(p.ID), "", 0, 1<<30)
		if f.Line(noteBase(p.ID), "", 16) != fingerprint(text) {
			out = append(out, minutes.NoteInput{Item: p.ID, Text: text, Version: version})
		}
	}
	return out
}

// SaveNotes answers POST /equipe/reunions/{id}/seance: every note that was touched
// is saved, whichever button was pressed, and the page comes back at its point.
func (p *Pages) SaveNotes(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	v, err := p.notes(r)
	if err != nil {
		return err
	}
	point := meeting.ItemID(f.ID("point", ""))
	typed := v.typedNotes(f)
	v.Orphans = orphanNotes(f)
	if err := f.Unknown(); err != nil {
		return err
	}
	if !f.OK() {
		return p.showNotes(w, r, v, f, nil)
	}
	theirs, err := p.Minutes.SaveNotes(r.Context(), page.Actor(r), v.Meeting, typed)
	if err != nil {
		if !page.Takes(f, err) {
			return err
		}
		return p.showNotes(w, r, v, f, err)
	}
	if len(theirs) == 0 && len(v.Orphans) == 0 {
		return p.Kit.Done(w, r, notesPath(v.Meeting, point), "Notes enregistrées.")
	}
	return p.showConflict(w, r, f, theirs, v.Orphans)
}

// orphanNotes returns what was typed for points that somebody took off the agenda
// since the page was made: it is shown, to be copied elsewhere.
func orphanNotes(f *form.Form) []string {
	var out []string
	for name := range f.All() {
		kind, id, ok := strings.Cut(name, "-")
		if _, err := strconv.ParseInt(id, 10, 64); !ok || err != nil || kind != "texte" && kind != "version" && kind != "base" || f.Asked(name) {
			continue
		}
		if text := f.Text(name, "", maxNoteText); kind == "texte" && text != "" {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}

// showConflict shows both texts of the notes that somebody else wrote; the others
// are saved.
func (p *Pages) showConflict(w http.ResponseWriter, r *http.Request, f *form.Form, theirs []minutes.Note, orphans []string) error {
	v, err := p.notes(r)
	if err != nil {
		return err
	}
	v.Orphans = orphans
	if len(orphans) > 0 {
		f.Fail("", "L’ordre du jour a changé pendant votre saisie : un point a été retiré. Copiez plus bas ce que vous aviez écrit ; vos autres notes sont enregistrées.")
	}
	v.Theirs = map[meeting.ItemID]minutes.Note{}
	keep := map[meeting.ItemID]bool{}
	for _, n := range theirs {
		v.Theirs[n.Item], keep[n.Item] = n, true
		f.Fail(noteField(n.Item), "Quelqu’un d’autre a écrit ces notes pendant votre saisie : comparez, puis enregistrez de nouveau. Vos autres notes sont enregistrées.")
	}
	v.put(f, keep)
	return p.showNotes(w, r, v, f, problem.New(problem.Conflict, ""))
}
