package meeting

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// countWords says how a roll stands: « 40 présents, 3 à distance… ».
func countWords(c meeting.Count) string {
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{
		{c.Present, "présent", "présents"}, {c.Remote, "à distance", "à distance"}, {c.Represented, "représenté", "représentés"},
		{c.Proxies, "pouvoir", "pouvoirs"}, {c.Excused, "excusé", "excusés"}, {c.Absent, "absent", "absents"},
		{c.Unmarked, "non pointé", "non pointés"},
	} {
		if p.n > 0 {
			parts = append(parts, french.Count(p.n, p.one, p.many))
		}
	}
	if len(parts) == 0 {
		return "Personne sur la liste"
	}
	return french.List(parts)
}

// quorumWords says where the quorum stands; « sans objet » where none is set.
func quorumWords(q meeting.Quorum) string {
	if !q.Set() {
		return "sans objet"
	}
	s := "non atteint"
	if q.Met() {
		s = "atteint"
	}
	return s + "\u00a0: " + french.Count(q.Sitting, "membre présent ou représenté", "membres présents ou représentés") +
		", il en faut " + french.Number(q.Needed) + " (" + french.Percent(q.Percent) + ")"
}

// rowNote is what is known of a person beside their mark.
func rowNote(r meeting.RollRow) string {
	var parts []string
	if r.Mark == "" {
		if r.CheckedIn {
			parts = append(parts, "Pointage à confirmer")
		}
		if r.Answer != "" {
			parts = append(parts, "A répondu\u00a0: "+lower(r.Answer.Label()))
		}
	}
	if r.Mark == meeting.StatusRepresented && r.RepresentedBy != "" {
		parts = append(parts, "Par "+r.RepresentedBy)
	}
	if r.Mark == meeting.StatusProxy {
		parts = append(parts, "Pouvoir porté par "+r.ProxyToName)
	}
	if r.ArrivedNumber != "" {
		parts = append(parts, "Arrivée au point "+r.ArrivedNumber)
	}
	if r.LeftNumber != "" {
		parts = append(parts, "Départ au point "+r.LeftNumber)
	}
	return strings.Join(parts, " · ")
}

func lower(s string) string {
	r := []rune(s)
	if len(r) == 0 {
		return s
	}
	return strings.ToLower(string(r[:1])) + string(r[1:])
}

// rowRole is what a person is to the meeting, without saying twice the organisation.
func rowRole(r meeting.RollRow) string {
	if r.Organisation == "" || strings.Contains(r.SeatLabel, r.Organisation) {
		return r.SeatLabel
	}
	return r.SeatLabel + ", " + r.Organisation
}

// conflictWords says both values of a row that two people marked otherwise.
func conflictWords(x meeting.RollRefusal) string {
	by := x.Row.MarkedBy
	if by == "" {
		by = "quelqu’un d’autre"
	}
	return "Noté par " + by + "\u00a0: " + x.Row.Mark.Label() + ". Votre saisie\u00a0: " + x.Mine.Status.Label() + "."
}

// ticked is the status a row shows: what was typed when it comes back refused, else
// what is written.
func (v rollView) ticked(r meeting.RollRow) meeting.Status {
	if v.Form.Submitted() && v.Form.Value(rowField(markField, r.ID)) != "" && (len(v.Refused) == 0 || v.refusal(r) != "") {
		return meeting.Status(v.Form.Value(rowField(markField, r.ID)))
	}
	return r.Mark
}

// refusal is the message about a row, "" when it is right.
func (v rollView) refusal(r meeting.RollRow) string { return v.Form.Error(rowField(markField, r.ID)) }

// holders is who may carry the proxy of a row.
func (v rollView) holders(r meeting.RollRow) []ui.Option { return holderOptions(v.Roll, r) }

func holderOptions(roll meeting.Roll, r meeting.RollRow) []ui.Option {
	var out []ui.Option
	for _, h := range roll.Holders(r) {
		label := h.Name + " – " + h.SeatLabel
		if h.Mark == "" {
			label += " (non pointé)"
		}
		out = append(out, ui.Option{Value: page.IDText(h.ID), Label: label})
	}
	return out
}

// asksHolder tells whether a row comes back to ask who carries its proxy.
func (v rollView) asksHolder(r meeting.RollRow) bool {
	return v.refusal(r) != "" && v.ticked(r) == meeting.StatusProxy
}

// holderForm holds the holder typed, or the one named in the answer.
func (v rollView) holderForm(r meeting.RollRow) *form.Form {
	f, name := form.New(), rowField(proxyField, r.ID)
	value := v.Form.Value(name)
	if value == "" && r.AnswerProxy != 0 {
		value = page.IDText(r.AnswerProxy)
	}
	f.Set(name, value)
	return f
}

// groupOptions are the groups of a roll, each with how many it holds.
func groupOptions(groups []meeting.RollGroup) []ui.Option {
	out := make([]ui.Option, 0, len(groups))
	for _, g := range groups {
		out = append(out, ui.Option{Value: strconv.Itoa(g.Position), Label: g.Name + " (" + french.Number(g.Count.People) + ")"})
	}
	return out
}

// groupHead tells whether row i of the page begins a group.
func groupHead(rows []meeting.RollRow, i int) bool {
	return i == 0 || rows[i].GroupPosition != rows[i-1].GroupPosition
}

// rollPager leads to the other pages of the roll.
func (v rollView) rollPager() ui.Pager {
	if v.Pages <= 1 {
		return ui.Pager{}
	}
	base := page.Address(rollAddress(v.Meeting.ID, ""), "q", v.Filter.Value("q"), "groupe", v.Filter.Value("groupe"))
	first := (v.Page-1)*meeting.RollPage + 1
	return ui.Pager{Current: v.Page, Last: v.Pages, Base: page.PagerBase(base),
		Summary: french.Number(first) + " à " + french.Number(first+len(v.Rows)-1) + " sur " + french.Count(v.Found, "personne", "personnes")}
}

func etagOf(b []byte) string {
	h := sha256.Sum256(b)
	return `"` + hex.EncodeToString(h[:8]) + `"`
}
