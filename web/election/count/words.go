package count

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/ceremony"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/web/ui"
)

func hexa(b []byte) string { return hex.EncodeToString(b) }

// grouped sets a fingerprint in groups of four, for who reads it aloud.
func grouped(s string) string {
	var out []string
	for ; len(s) > 4; s = s[4:] {
		out = append(out, s[:4])
	}
	return strings.Join(append(out, s), " ")
}

func fingerprint(k count.KeyHolder) string {
	t, err := k.Trustee()
	if err != nil {
		return "—"
	}
	return t.Fingerprint()
}

func publicKey(k count.KeyHolder) string {
	t, err := k.Trustee()
	if err != nil {
		return ""
	}
	return t.PublicKey.String()
}

// pvLead says what the procès-verbal is about, to who reads nothing else of the portal.
func pvLead(v count.SignedPV) string {
	what := "Désignation des représentants du Groupe Numérique Inclusif (GNI) au Comité métropolitain territorial pour l’inclusion numérique (CMTIN). "
	if v.Complements != nil {
		what = "Élection complémentaire de représentants du Groupe Numérique Inclusif (GNI) au Comité métropolitain territorial pour l’inclusion numérique (CMTIN). "
	}
	return french.Typo(what + v.Title + " : version " + strconv.Itoa(v.Version) + ", établie le " + moment(v.MadeAt) + ".")
}

// event is a line of what happened.
type event struct {
	at   time.Time
	what string
}

// chronology is what a procès-verbal tells of the election, in the order of time.
func chronology(v count.PV) []event {
	var out []event
	for _, d := range v.Dates {
		out = append(out, event{d.At, french.Small(d.What)})
	}
	for _, s := range v.Ceremony {
		out = append(out, event{s.At, stepWords(s)})
	}
	for _, a := range v.Acts {
		out = append(out, event{a.At, actWords(a)})
	}
	slices.SortStableFunc(out, func(a, b event) int { return a.at.Compare(b.at) })
	return out
}

// stepWords tells a step of the ceremony, and who did it.
func stepWords(s count.PVStep) string {
	words, ok := map[string]string{
		ceremony.StepHolders:   "porteurs de clés désignés",
		ceremony.StepCodes:     "codes de vote publics déposés",
		ceremony.StepRehearsal: "dépouillement répété sur des urnes d’essai",
		ceremony.StepSetUp:     "urnes mises en place",
		ceremony.StepEmpty:     "urnes montrées vides",
		ceremony.StepReady:     "cérémonie des clés close",
	}[s.Step]
	switch {
	case !ok && s.By != "": // each key holder signs
		return "urnes constatées vides par " + s.By
	case !ok:
		return "urnes constatées vides par un porteur de clé"
	case s.By != "":
		words += ", par " + s.By
	}
	return words
}

// actWords tells an act of two people, and its reason.
func actWords(a count.PVAct) string {
	words := map[string]string{"open": "décision d’ouvrir le vote", "close": "décision de clore le vote avant l’heure", "extend": "décision de prolonger le vote",
		"count": "décision de dépouiller", "destroy": "décision de détruire les bulletins et les listes"}[a.Act] +
		", proposée par " + a.Proposed + " et confirmée par " + a.Confirmed
	if a.Reason != "" {
		words += " (raison : " + strings.TrimRight(a.Reason, ". ") + ")"
	}
	return words
}

// riskRows are the answers to the grid, in words.
func riskRows(r election.Risk) []ui.SummaryRow {
	var out []ui.SummaryRow
	for _, q := range election.RiskQuestions {
		answer := q.Answer(r.Answers[q.Name])
		if answer == "" {
			answer = "Sans réponse"
		}
		out = append(out, ui.SummaryRow{Key: french.Typo(q.Question), Value: french.Typo(answer)})
	}
	return out
}
