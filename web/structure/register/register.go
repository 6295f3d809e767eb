// Package register is how a structure registers, without an account and without a
// script: a list of sections, one subject a page, a page of check, an address to
// confirm. The token in the address opens the draft; nothing depends on a cookie.
package register

import (
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	sheet "bordeaux-metropole.fr/portal/web/structure"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pages answers for registrations.
type Pages struct {
	Kit        *page.Kit
	Structures *structure.Service
	Governance *governance.Service
}

// MaxBody is what one page of a registration may weigh.
const MaxBody = 64 << 10

const (
	startPath     = "/structures/inscription"
	directoryPath = "/structures"
	rubric        = "Inscription au GNI"
)

var crumbDirectory = ui.Crumb{Label: "Structures", Href: directoryPath}

// status says where a section of a draft stands.
type status int

const (
	toDo status = iota
	skippable
	wrong
	done
)

// sectionView is a section of a draft, as typed and as understood.
type sectionView struct {
	structure.Section
	status status
	form   *form.Form // what was typed, with what is wrong in it
}

// draftView is a request being written.
type draftView struct {
	structure.Registration
	token    string
	sheet    structure.Sheet
	people   []structure.Contact
	sections []sectionView
	communes []structure.CommuneChoice
}

func (v draftView) path() string          { return startPath + "/" + v.token }
func (v draftView) at(part string) string { return v.path() + "/" + part }
func (v draftView) section(s structure.Section) sectionView {
	return v.sections[slices.Index(structure.Sections, s)]
}

// missing are the sections that keep the request from being sent.
func (v draftView) missing() []sectionView {
	var out []sectionView
	for _, s := range v.sections {
		if s.status == toDo || s.status == wrong {
			out = append(out, s)
		}
	}
	return out
}

// next is where to go on from a section: the first after it that is not done, then
// the first that keeps the request from being sent, then the page of check. What is
// optional is proposed once, on the way.
func (v draftView) next(from structure.Section) string {
	missing := v.missing()
	if len(missing) == 0 {
		return v.at("verification")
	}
	for _, s := range v.sections[slices.Index(structure.Sections, from)+1:] {
		if s.status != done {
			return v.at(string(s.Section))
		}
	}
	return v.at(string(missing[0].Section))
}

// draft reads the request that the address names.
func (p *Pages) draft(r *http.Request) (draftView, error) {
	token := chi.URLParam(r, "token")
	reg, communes, err := p.Structures.Registration(r.Context(), token)
	if err != nil {
		return draftView{}, err
	}
	v := draftView{token: token, communes: communes}
	v.fill(reg)
	return v, nil
}

// fill understands what was typed in every section.
func (v *draftView) fill(reg structure.Registration) {
	v.Registration, v.sheet, v.people, v.sections = reg, structure.Sheet{}, nil, nil
	for _, s := range structure.Sections {
		typed, opened := reg.Answers[s]
		f := typedForm(typed)
		state := toDo
		switch {
		case opened:
			v.understand(f, s)
			if state = done; len(f.Errors()) > 0 {
				state = wrong
			}
		case s.Optional():
			state = skippable
		}
		if !opened {
			sheet.Fill(f, s, structure.Sheet{}) // the answers most give are chosen already
		}
		v.sections = append(v.sections, sectionView{s, state, f})
	}
}

// understand reads the fields of a section into the sheet or the people.
func (v *draftView) understand(f *form.Form, s structure.Section) {
	if s == structure.People {
		v.people = readPeople(f)
		return
	}
	sheet.Read(f, s, &v.sheet)
	for _, c := range v.communes {
		if c.INSEE == v.sheet.INSEE {
			v.sheet.Commune = c.Name
		}
	}
}

// typedForm gives a form what was typed in it.
func typedForm(typed url.Values) *form.Form {
	f := form.New()
	for name, values := range typed {
		f.Set(name, values...)
	}
	return f
}

// typedValues is what a form holds of a person's, to be kept.
func typedValues(f *form.Form) url.Values {
	kept := url.Values{}
	for name, values := range f.All() {
		if name != form.KeyField && name != form.ReviewField {
			kept[name] = values
		}
	}
	return kept
}

// clientAddress is where a request comes from in the network, for the limits.
func clientAddress(r *http.Request) string {
	if a := middleware.GetClientIP(r.Context()); a != "" {
		return a
	}
	a, _, _ := net.SplitHostPort(r.RemoteAddr)
	return a
}

// takes records on the form a refusal that the page can tell, too many tries
// included.
func takes(f *form.Form, err error) bool {
	if problem.KindOf(err) == problem.TooMany {
		f.Fail("", "Trop de demandes en peu de temps. Attendez quelques minutes, puis réessayez.")
		return true
	}
	return page.Takes(f, err)
}

// statusOf is that of a page that shows a form again.
func statusOf(w http.ResponseWriter, f *form.Form, refusal error) int {
	if problem.KindOf(refusal) == problem.TooMany {
		w.Header().Set("Retry-After", "60")
		return http.StatusTooManyRequests
	}
	return page.RefusalStatus(f, refusal)
}

// gone answers 410 for a link that leads nowhere any more, and says what to do.
func (p *Pages) gone(w http.ResponseWriter, r *http.Request, err error) error {
	if problem.KindOf(err) != problem.Gone {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return p.Kit.Show(w, r, http.StatusGone, gonePage(p.Kit.Chrome(r, ui.Chrome{Title: "Ce lien ne marche plus", Section: rubric})))
}
