package edition

import (
	"net/http"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// MaxVoteBody is how much a vote on a long list may hold.
const MaxVoteBody = 4 << 20

func (p *Pages) ballot(r *http.Request) (edition.Ballot, error) {
	year, err := yearOf(r)
	if err != nil {
		return edition.Ballot{}, err
	}
	return p.Editions.Ballot(r.Context(), page.Actor(r), year)
}

// ShowVote shows /equipe/programmes/{annee}/vote.
func (p *Pages) ShowVote(w http.ResponseWriter, r *http.Request) error {
	b, err := p.ballot(r)
	if err != nil {
		return err
	}
	f := form.New()
	f.Set("mode", string(minutes.Consensus))
	if len(b.Meetings) == 1 {
		f.Set("reunion", page.IDText(b.Meetings[0].ID))
	}
	for _, l := range b.Lines {
		f.Set(edition.ChoiceField(l.ID), "adoptee")
	}
	return p.showVote(w, r, b, f, nil)
}

func (p *Pages) showVote(w http.ResponseWriter, r *http.Request, b edition.Ballot, f *form.Form, refusal error) error {
	c := p.Kit.FormChrome(r, teamChrome("Vote du programme "+strconv.Itoa(b.Year), crumbTeam, teamCrumb(b.Year)), f)
	return p.Kit.Show(w, r, page.RefusalStatus(f, refusal), votePage(c, b, page.NewKey(), f))
}

// Vote answers POST /equipe/programmes/{annee}/vote: the list is checked on a page,
// then recorded and frozen.
func (p *Pages) Vote(w http.ResponseWriter, r *http.Request) error {
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	b, err := p.ballot(r)
	if err != nil {
		return err
	}
	act := f.Choice("acte", "Choisissez ce que vous voulez faire.", "verifier", "figer", "corriger")
	v := readVote(f, b)
	if err := f.Unknown(); err != nil && b.Seen() == v.Seen {
		return err // with another list, the fields are those of the list that was
	}
	if act == "corriger" {
		return p.Kit.Show(w, r, http.StatusOK, votePage(p.Kit.Chrome(r, teamChrome("Vote du programme "+strconv.Itoa(b.Year), crumbTeam, teamCrumb(b.Year))), b, page.NewKey(), f))
	}
	var refusal error
	if f.OK() {
		if refusal = b.Check(v); refusal == nil && act == "verifier" {
			c := p.Kit.Chrome(r, teamChrome("Vérifier et figer le programme "+strconv.Itoa(b.Year), crumbTeam, teamCrumb(b.Year)))
			return p.Kit.Show(w, r, http.StatusOK, checkPage(c, b, v, page.NewKey()))
		}
		var d minutes.RecordedDecision
		if refusal == nil {
			d, refusal = p.Editions.Freeze(r.Context(), page.Actor(r), v)
		}
		if refusal == nil {
			return p.Kit.Done(w, r, editionPath(b.Year), "Le programme est adopté par la décision "+d.Reference+" et figé. "+d.Warning)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showVote(w, r, b, f, refusal)
}

func readVote(f *form.Form, b edition.Ballot) edition.Vote {
	v := edition.Vote{Year: b.Year, Version: f.Int("version", "Rechargez la page, puis recommencez.", 1, 1<<30), Seen: f.Line("vu", "", 64),
		Meeting: governance.MeetingID(f.ID("reunion", "Choisissez la réunion qui a voté.")),
		Method:  minutes.Method(f.Choice("mode", "Dites comment la réunion a décidé.", string(minutes.Consensus), string(minutes.Vote))),
		For:     count(f, "pour"), Against: count(f, "contre"), Abstentions: count(f, "abstentions"), Choices: map[roadmap.ID]edition.Choice{}}
	for _, l := range b.Lines {
		word := f.Choice(edition.ChoiceField(l.ID), "Dites ce que la réunion a fait de l’action n°"+french.NBSP+strconv.Itoa(l.Number)+".", "adoptee", "refusee", "suspendue", "abandonnee")
		c := edition.Choice{Adopted: word == "adoptee", Reason: f.Text(edition.ReasonField(l.ID), "", 900)}
		switch word {
		case "suspendue":
			c.Fate = roadmap.Suspended
		case "abandonnee":
			c.Fate = roadmap.Abandoned
		}
		v.Choices[l.ID] = c
	}
	return v
}

func count(f *form.Form, name string) *int {
	n := f.Int(name, "", 0, 10_000)
	if f.Value(name) == "" {
		return nil
	}
	return &n
}

func meetingOptions(all []edition.Host) []ui.Option {
	out := make([]ui.Option, len(all))
	for i, m := range all {
		out[i] = ui.Option{Value: page.IDText(m.ID), Label: french.Capital(french.LongDate(day.In(m.StartsAt))) + ", " + m.State.Label()}
	}
	return out
}

func choiceOptions(l edition.Line) []ui.Option {
	if l.Carried() {
		return ui.Options("adoptee", "Adoptée, elle continue", "suspendue", "Refusée, elle est suspendue", "abandonnee", "Refusée, elle est abandonnée")
	}
	return ui.Options("adoptee", "Adoptée", "refusee", "Refusée")
}

// hidden carries a vote from its check page to the act.
func hidden(b edition.Ballot, v edition.Vote) []ui.HiddenField {
	out := []ui.HiddenField{{Name: "version", Value: page.IDText(v.Version)}, {Name: "vu", Value: v.Seen},
		{Name: "reunion", Value: page.IDText(v.Meeting)}, {Name: "mode", Value: string(v.Method)}}
	for _, n := range []struct {
		name  string
		count *int
	}{{"pour", v.For}, {"contre", v.Against}, {"abstentions", v.Abstentions}} {
		if n.count != nil {
			out = append(out, ui.HiddenField{Name: n.name, Value: strconv.Itoa(*n.count)})
		}
	}
	for _, l := range b.Lines {
		c := v.Choices[l.ID]
		out = append(out, ui.HiddenField{Name: edition.ChoiceField(l.ID), Value: choiceWord(c)}, ui.HiddenField{Name: edition.ReasonField(l.ID), Value: c.Reason})
	}
	return out
}

func choiceWord(c edition.Choice) string {
	switch {
	case c.Adopted:
		return "adoptee"
	case c.Fate == roadmap.Suspended:
		return "suspendue"
	case c.Fate == roadmap.Abandoned:
		return "abandonnee"
	}
	return "refusee"
}

func choiceLabel(c edition.Choice) string {
	switch {
	case c.Adopted:
		return "Adoptée"
	case c.Fate != "":
		return "Refusée, " + map[roadmap.Status]string{roadmap.Suspended: "suspendue", roadmap.Abandoned: "abandonnée"}[c.Fate]
	}
	return "Refusée"
}
