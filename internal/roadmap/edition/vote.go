package edition

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Host is a meeting of the CMTIN that may decide.
type Host struct {
	ID       governance.MeetingID    `db:"id"`
	State    governance.MeetingState `db:"state"`
	StartsAt time.Time               `db:"starts_at"`
	Theme    string                  `db:"theme"`
}

// Ballot is the list that is put to the vote, and what still keeps it from it.
type Ballot struct {
	Edition
	Lines    []Line // retained, their action not over
	Waiting  int    // proposals not examined
	Unsaid   []int  // numbers of unfinished actions without a line that carries them over with a reason
	Meetings []Host
}

// Seen is a mark of the list as somebody saw it: another list has another.
func (b Ballot) Seen() string {
	h := sha256.New()
	for _, l := range b.Lines {
		fmt.Fprintln(h, l.ID, l.LineVersion, l.Status, l.Title)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// Ready refuses a vote that would lose an action or leave a proposal without answer.
func (b Ballot) Ready() error {
	switch {
	case b.State == Frozen:
		return errFrozen
	case b.State != Examination:
		return problem.New(problem.Invalid, "Fermez d’abord les propositions : le programme se vote une fois en examen.")
	case b.Waiting > 0:
		return problem.New(problem.Invalid, "Des propositions restent à examiner : "+strconv.Itoa(b.Waiting)+". Retenez-les ou écartez-les d’abord.")
	case len(b.Unsaid) > 0:
		var numbers []string
		for _, n := range b.Unsaid[:min(len(b.Unsaid), 20)] {
			numbers = append(numbers, "n° "+strconv.Itoa(n))
		}
		return problem.New(problem.Invalid, "Des actions inachevées n’ont pas encore de motif de reconduction : "+strings.Join(numbers, ", ")+". Aucune action ne doit être perdue d’un programme à l’autre.")
	case len(b.Lines) == 0:
		return problem.New(problem.Invalid, "Aucune action n’est retenue : il n’y a rien à voter.")
	}
	return nil
}

// addBallot asks in a batch for what is voted on.
func addBallot(b *postgres.Batch, year int, v *Ballot, found *[]Edition) {
	postgres.AddList(b, found, `SELECT `+columns+` FROM edition e WHERE e.year = $1`, year)
	postgres.AddList(b, &v.Lines, `SELECT `+lineColumns+lineTables+`
		WHERE l.year = $1 AND l.outcome = 'retained' AND a.status NOT IN ('done', 'abandoned') ORDER BY x.position, a.number`, year)
	postgres.AddValue(b, &v.Waiting, `
		SELECT count(*)::int FROM edition_line l JOIN roadmap_action a ON a.id = l.action_id
		WHERE l.year = $1 AND l.origin = 'new' AND l.outcome = 'proposed' AND a.status <> 'abandoned'`, year)
	postgres.AddValue(b, &v.Unsaid, `
		SELECT coalesce(array_agg(a.number::int ORDER BY a.number), '{}') FROM roadmap_action a
		WHERE a.status IN ('validated', 'in_progress', 'suspended')
		  AND NOT EXISTS (SELECT FROM edition_line l WHERE l.year = $1 AND l.action_id = a.id AND l.outcome = 'retained')`, year)
	postgres.AddList(b, &v.Meetings, `
		SELECT id, state, starts_at, theme FROM meeting
		WHERE body = 'cmtin' AND (state IN ('in_progress', 'held') OR state = 'convened' AND (starts_at AT TIME ZONE 'Europe/Paris')::date <= paris_today())
		ORDER BY starts_at DESC LIMIT 50`)
}

func ballot(ctx context.Context, db postgres.DB, year int) (Ballot, error) {
	var (
		b     postgres.Batch
		v     Ballot
		found []Edition
	)
	addBallot(&b, year, &v, &found)
	if err := b.Run(ctx, db); err != nil {
		return v, postgres.Wrap(err, "ballot of %d", year)
	}
	if len(found) == 0 {
		return v, ErrNotFound
	}
	v.Edition = found[0]
	return v, nil
}

// Ballot returns the list that is put to the vote, for the team.
func (s *Service) Ballot(ctx context.Context, by access.Actor, year int) (Ballot, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Ballot{}, err
	}
	return ballot(ctx, s.db, year)
}

// Choice is what the meeting did of a line.
type Choice struct {
	Adopted bool
	Reason  string         // of a refusal
	Fate    roadmap.Status // of an action carried over and refused: Suspended or Abandoned
}

// Vote is what the meeting decided of the whole list.
type Vote struct {
	Year, Version             int
	Seen                      string // Ballot.Seen, of the list that was voted
	Meeting                   governance.MeetingID
	Method                    minutes.Method
	For, Against, Abstentions *int // with a vote
	Choices                   map[roadmap.ID]Choice
}

// ReasonField and ChoiceField name the fields of a line in a form.
func ReasonField(id roadmap.ID) string { return fmt.Sprintf("motif_%d", id) }

// ChoiceField names the field that says what the meeting did of a line.
func ChoiceField(id roadmap.ID) string { return fmt.Sprintf("ligne_%d", id) }

// Check refuses a vote that the list does not take: fields ligne_N, motif_N, reunion,
// pour, contre, abstentions.
func (b Ballot) Check(v Vote) error {
	if err := b.Ready(); err != nil {
		return err
	}
	if b.Version != v.Version || b.Seen() != v.Seen {
		return roadmap.ErrStale
	}
	if !slices.ContainsFunc(b.Meetings, func(m Host) bool { return m.ID == v.Meeting }) {
		return problem.OnField("reunion", "Choisissez une réunion du CMTIN tenue ou en cours.")
	}
	adopted := 0
	for _, l := range b.Lines {
		c, ok := v.Choices[l.ID]
		switch {
		case !ok:
			return problem.OnField(ChoiceField(l.ID), "Dites ce que la réunion a fait de cette action.")
		case c.Adopted:
			adopted++
		case c.Reason == "":
			return problem.OnField(ReasonField(l.ID), "Dites pourquoi cette action est refusée.")
		case utf8.RuneCountInString(c.Reason) > 900:
			return problem.OnField(ReasonField(l.ID), "Gardez 900 caractères au plus.")
		case l.Carried() && c.Fate != roadmap.Suspended && c.Fate != roadmap.Abandoned:
			return problem.OnField(ChoiceField(l.ID), "Dites si l’action est suspendue ou abandonnée.")
		}
	}
	if adopted == 0 {
		return problem.New(problem.Invalid, "Aucune action n’est adoptée : un programme en compte au moins une.")
	}
	return v.checkCounts()
}

func (v Vote) checkCounts() error {
	for _, n := range []struct {
		field string
		count *int
	}{{"pour", v.For}, {"contre", v.Against}, {"abstentions", v.Abstentions}} {
		switch {
		case v.Method == minutes.Vote && n.count == nil:
			return problem.OnField(n.field, "Saisissez un nombre, 0 s’il n’y en a pas.")
		case v.Method != minutes.Vote && n.count != nil:
			return problem.OnField(n.field, "Laissez ce nombre vide : par consensus, aucune voix n’est comptée.")
		}
	}
	if v.Method == minutes.Vote && *v.For <= *v.Against {
		return problem.OnField("pour", "Le programme n’est pas adopté : il faut plus de voix pour que contre.")
	}
	return nil
}

// maxText is how long the text of a decision may be (internal/minutes).
const maxText = 8000

// decision is the act the meeting leaves: what it adopted and what it refused.
func (b Ballot) decision(v Vote) minutes.DecisionInput {
	in := minutes.DecisionInput{Kind: minutes.KindDecision, Title: title(b.Year), Outcome: minutes.Adopted, Method: v.Method,
		For: v.For, Against: v.Against, Abstentions: v.Abstentions}
	for _, write := range []func(Line, Choice) string{wholeWords, shortWords, numberWords} {
		if in.Text = b.words(v, write); utf8.RuneCountInString(in.Text) <= maxText {
			return in
		}
	}
	in.Text = b.words(v, func(Line, Choice) string { return "" })
	return in
}

func wholeWords(l Line, c Choice) string {
	words := "- " + l.Label() + " (" + strings.ToLower(l.Origin.Label()) + ")"
	if !c.Adopted {
		words += " : " + c.Reason
	}
	return words + "\n"
}

func shortWords(l Line, c Choice) string {
	words := "- n° " + strconv.Itoa(l.Number)
	if !c.Adopted {
		words += " : " + c.Reason
	}
	return words + "\n"
}

func numberWords(l Line, _ Choice) string { return "- n° " + strconv.Itoa(l.Number) + "\n" }

func (b Ballot) words(v Vote, write func(Line, Choice) string) string {
	var yes, no strings.Builder
	adopted, refused := 0, 0
	for _, l := range b.Lines {
		if c := v.Choices[l.ID]; c.Adopted {
			adopted++
			yes.WriteString(write(l, c))
		} else {
			refused++
			no.WriteString(write(l, c))
		}
	}
	text := fmt.Sprintf("Le CMTIN adopte le programme %d de la feuille de route. La délibération n° 2024-677 le charge de « %s ».\n\nActions adoptées : %d.\n\n%s",
		b.Year, Mission, adopted, yes.String())
	if refused > 0 {
		text += fmt.Sprintf("\nActions refusées : %d.\n\n%s", refused, no.String())
	}
	return strings.TrimSpace(text)
}
