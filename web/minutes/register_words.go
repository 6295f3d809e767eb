package minutes

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Addresses of the registers and of what the team follows.
const (
	decisionsPath = "/decisions"
	positionsPath = "/positions"
	followPath    = "/equipe/suivi"
)

var crumbFollow = ui.Crumb{Label: "Suivi", Href: followPath}

// word maps the words of an address to a closed set of the domain and back.
type word[T ~string] struct {
	word  string
	value T
}

func wordFor[T ~string](list []word[T], value T) string {
	for _, w := range list {
		if w.value == value {
			return w.word
		}
	}
	return ""
}

func valueFor[T ~string](list []word[T], of string) T {
	for _, w := range list {
		if w.word == of {
			return w.value
		}
	}
	return ""
}

func wordsOf[T ~string](list []word[T]) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = w.word
	}
	return out
}

func wordOptions[T interface {
	~string
	Label() string
}](list []word[T]) []ui.Option {
	out := make([]ui.Option, len(list))
	for i, w := range list {
		out[i] = ui.Option{Value: w.word, Label: w.value.Label()}
	}
	return out
}

var (
	decisionKinds = []word[minutes.DecisionKind]{{"decision", minutes.KindDecision}, {"avis", minutes.KindOpinion}}
	outcomeWords  = []word[minutes.Outcome]{{"adoptee", minutes.Adopted}, {"rejetee", minutes.Rejected}, {"reportee", minutes.PutOff}}
	opinionWords  = []word[minutes.Outcome]{{"favorable", minutes.Favourable}, {"reserve", minutes.Reserved}, {"defavorable", minutes.Unfavourable}}
	methodWords   = []word[minutes.Method]{{"consensus", minutes.Consensus}, {"vote", minutes.Vote}}
	followWords   = []word[minutes.FollowUpState]{{"a-suivre", minutes.FollowOpen}, {"en-cours", minutes.FollowInProgress},
		{"realisee", minutes.FollowDone}, {"abandonnee", minutes.FollowDropped}, {"sans-suite", minutes.FollowNone}}
	positionKinds  = []word[minutes.PositionKind]{{"position", minutes.KindPosition}, {"demande", minutes.KindRequest}}
	positionStates = []word[minutes.PositionState]{{"a-envoyer", minutes.PositionToSend}, {"envoyee", minutes.PositionSent},
		{"repondue", minutes.PositionAnswered}, {"close", minutes.PositionClosed}}
	actionWords = []word[minutes.ActionState]{{"realisee", minutes.ActionDone}, {"abandonnee", minutes.ActionDropped}, {"a-faire", minutes.ActionOpen}}
	whenWords   = []word[minutes.When]{{"en-retard", minutes.Late}, {"bientot", minutes.Soon}}
)

func outcomesOf(k minutes.DecisionKind) []word[minutes.Outcome] {
	if k == minutes.KindOpinion {
		return opinionWords
	}
	return outcomeWords
}

func bodyOptions() []ui.Option {
	out := make([]ui.Option, 0, len(governance.BodyCodes))
	for _, c := range governance.BodyCodes {
		out = append(out, ui.Option{Value: string(c), Label: c.Label()})
	}
	return out
}

func bodyFor(code string) governance.BodyCode {
	if c := governance.BodyCode(code); slices.Contains(governance.BodyCodes, c) {
		return c
	}
	return ""
}

func yearOptions(years []int) []ui.Option {
	out := make([]ui.Option, 0, len(years))
	for _, y := range years {
		out = append(out, ui.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y)})
	}
	return out
}

// typeset sets what people typed by the rules of typography.
func typeset(s string) string { return french.Typo(s) }

// meetingWords names a meeting and its day: « Réunion du GNI du 3 mars 2026 ».
func meetingWords(m meeting.Meeting) string { return m.Title() + " du " + french.LongDate(m.Day()) }

func meetingPath(id meeting.ID) string { return "/reunions/" + page.IDText(id) }

// notesPath is the page of the notes of a meeting, at a point when item is not 0.
func notesPath(id meeting.ID, item meeting.ItemID) string {
	p := "/equipe/reunions/" + page.IDText(id) + "/seance"
	if item != 0 {
		p += "#point-" + page.IDText(item)
	}
	return p
}

func addPath(id meeting.ID, item meeting.ItemID, what string) string {
	return "/equipe/reunions/" + page.IDText(id) + "/seance/" + page.IDText(item) + "/" + what
}

func decisionPath(id minutes.DecisionID) string { return decisionsPath + "/" + page.IDText(id) }
func positionPath(id minutes.PositionID) string { return positionsPath + "/" + page.IDText(id) }

func teamDecision(id minutes.DecisionID, part string) string {
	return "/equipe/decisions/" + page.IDText(id) + "/" + part
}

func teamPosition(id minutes.PositionID, part string) string {
	return "/equipe/positions/" + page.IDText(id) + "/" + part
}

func teamAction(id minutes.ActionID, part string) string {
	return "/equipe/actions-demandees/" + page.IDText(id) + "/" + part
}

// pointID reads the point of the address; 0 is what comes from no point.
func pointID(r *http.Request) (meeting.ItemID, error) {
	if chi.URLParam(r, "point") == "0" {
		return 0, nil
	}
	return page.PathID[meeting.ItemID](r, "point")
}

// pointWords names a point: « Point 3, Cartographie ».
func pointWords(o minutes.Origin) string {
	if o.Item == 0 {
		return "Hors de l’ordre du jour"
	}
	return "Point " + o.ItemNumber + ", " + typeset(o.ItemTitle)
}

func followKind(s minutes.FollowUpState) ui.Kind {
	switch s {
	case minutes.FollowOpen:
		return ui.Warn
	case minutes.FollowInProgress:
		return ui.Info
	case minutes.FollowDone:
		return ui.OK
	}
	return ui.Neutral
}

func outcomeKind(o minutes.Outcome) ui.Kind {
	switch o {
	case minutes.Adopted, minutes.Favourable:
		return ui.OK
	case minutes.PutOff, minutes.Reserved:
		return ui.Warn
	}
	return ui.Neutral
}

func positionKind(s minutes.PositionState) ui.Kind {
	switch s {
	case minutes.PositionToSend:
		return ui.Warn
	case minutes.PositionSent:
		return ui.Info
	case minutes.PositionAnswered:
		return ui.OK
	}
	return ui.Neutral
}

func actionTag(a minutes.AskedAction, today day.Day) (ui.Kind, string) {
	switch {
	case a.Late(today):
		return ui.Err, "En retard"
	case a.State == minutes.ActionOpen && today.DaysUntil(a.DueOn) <= 7:
		return ui.Warn, "Bientôt"
	case a.State == minutes.ActionDone:
		return ui.OK, a.State.Label()
	case a.State == minutes.ActionOpen:
		return ui.Info, a.State.Label()
	}
	return ui.Neutral, a.State.Label()
}

// votesWords says how the meeting decided.
func votesWords(d minutes.Decision) string {
	if d.Method != minutes.Vote || d.For == nil || d.Against == nil || d.Abstentions == nil {
		return d.Method.Label()
	}
	return "Par un vote : " + french.Number(*d.For) + " pour, " + french.Number(*d.Against) + " contre, " +
		french.Count(*d.Abstentions, "abstention", "abstentions")
}

// regVersion compares a field as it is now and as somebody typed it.
type regVersion struct{ Label, Theirs, Yours string }

// versionField reads the version that a form was typed over.
func versionField(f *form.Form) int { return f.Int("version", "", 0, 1<<30) }

// teamChrome describes a page of the team about a meeting.
func teamChrome(title string, crumbs ...ui.Crumb) ui.Chrome {
	return ui.Chrome{Title: title, Section: section, Crumbs: append([]ui.Crumb{crumbHome, crumbTeam}, crumbs...)}
}

// hubCrumb leads back to the overview of the meeting.
func hubCrumb(m meeting.Meeting) ui.Crumb {
	return ui.Crumb{Label: meetingWords(m), Href: crumbTeam.Href + "/" + page.IDText(m.ID)}
}

func notesCrumb(o minutes.Origin) ui.Crumb {
	return ui.Crumb{Label: meetingWords(o.From()), Href: notesPath(o.Meeting, 0)}
}
