package edition

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// stored is a frozen edition as the database keeps it.
type stored struct {
	Year     int       `db:"year"`
	Content  string    `db:"content"`
	Hash     string    `db:"hash"`
	FrozenAt time.Time `db:"frozen_at"`
}

const storedSQL = `SELECT e.year, e.content, encode(e.sha256, 'hex') AS hash, e.frozen_at FROM edition e`

// Published is a frozen edition: its exact bytes, and what they say.
type Published struct {
	Content
	Bytes    string
	Hash     string // sha256 of Bytes, in hexadecimal
	FrozenAt time.Time
}

func (s stored) published() (Published, error) {
	p := Published{Bytes: s.Content, Hash: s.Hash, FrozenAt: s.FrozenAt}
	err := json.Unmarshal([]byte(s.Content), &p.Content)
	return p, postgres.Wrap(err, "content of edition %d", s.Year)
}

// Published returns the programme of a year as it was frozen, to everybody.
func (s *Service) Published(ctx context.Context, year int) (Published, error) {
	e, err := postgres.One[stored](ctx, s.db, storedSQL+` WHERE e.year = $1 AND e.state = 'frozen'`, year)
	switch {
	case postgres.IsNoRows(err):
		return Published{}, ErrNotFound
	case err != nil:
		return Published{}, postgres.Wrap(err, "edition %d", year)
	}
	return e.published()
}

// Change is a field of an action that differs between two programmes.
type Change struct{ Label, Before, After string }

// Kept is an action of both programmes.
type Kept struct {
	ContentAction          // as in the later one
	Changes       []Change // none: nothing changed
}

// Comparison is what differs between two programmes, from what they froze alone.
type Comparison struct {
	From, To  Content
	Fresh     []ContentAction // not in the earlier
	Kept      []Kept          // carried over, each with its reason
	Done      []ContentEnd    // of the earlier, realised since
	Abandoned []ContentEnd    // of the earlier, abandoned since
	Suspended []ContentEnd    // of the earlier, suspended by a vote since
}

// Compare returns what changed from a programme to a later one.
func (s *Service) Compare(ctx context.Context, from, to int) (Comparison, error) {
	if from >= to {
		return Comparison{}, problem.OnField("a", "Choisissez un programme qui suit le premier.")
	}
	rows, err := postgres.List[stored](ctx, s.db, storedSQL+` WHERE e.state = 'frozen' AND e.year BETWEEN $1 AND $2 ORDER BY e.year`, from, to)
	if err != nil {
		return Comparison{}, postgres.Wrap(err, "compare editions")
	}
	all := make([]Content, len(rows))
	for i, r := range rows {
		p, err := r.published()
		if err != nil {
			return Comparison{}, err
		}
		all[i] = p.Content
	}
	if len(all) < 2 || all[0].Year != from || all[len(all)-1].Year != to {
		return Comparison{}, ErrNotFound
	}
	return compare(all), nil
}

// compare tells the first from the last; those between say what ended meanwhile.
func compare(all []Content) Comparison {
	c := Comparison{From: all[0], To: all[len(all)-1]}
	before := map[int]ContentAction{}
	for _, a := range c.From.Actions {
		before[a.Number] = a
	}
	now := map[int]bool{}
	for _, a := range c.To.Actions {
		now[a.Number] = true
		if old, ok := before[a.Number]; ok {
			c.Kept = append(c.Kept, Kept{a, changes(old, a)})
		} else {
			c.Fresh = append(c.Fresh, a)
		}
	}
	for _, between := range all[1:] {
		for _, e := range slices.Concat(between.Closed, between.Stopped) {
			if _, ok := before[e.Number]; !ok || now[e.Number] {
				continue
			}
			now[e.Number] = true
			switch e.Status {
			case roadmap.Done:
				c.Done = append(c.Done, e)
			case roadmap.Abandoned:
				c.Abandoned = append(c.Abandoned, e)
			default:
				c.Suspended = append(c.Suspended, e)
			}
		}
	}
	for _, ends := range [][]ContentEnd{c.Done, c.Abandoned, c.Suspended} {
		slices.SortFunc(ends, func(a, b ContentEnd) int { return cmp.Compare(a.Number, b.Number) })
	}
	return c
}

// changes lists the fields that differ, in words.
func changes(a, b ContentAction) []Change {
	was, is := fields(a), fields(b)
	var out []Change
	for i, f := range is {
		if was[i].value != f.value {
			out = append(out, Change{f.label, was[i].value, f.value})
		}
	}
	return out
}

type field struct{ label, value string }

func fields(a ContentAction) []field {
	where := strings.Join(a.Communes, ", ")
	if a.AllCommunes {
		where = "Toutes les communes"
	}
	var partners, steps, measures []string
	for _, p := range a.Partners {
		partners = append(partners, p.Name)
	}
	for _, s := range a.Steps {
		steps = append(steps, s.Title)
	}
	for _, i := range a.Indicators {
		for _, t := range i.Targets {
			measures = append(measures, fmt.Sprintf("%s, %d : %s", i.Name, t.Year, t.Value))
		}
	}
	percent := ""
	if a.Percent != nil {
		percent = french.Percent(*a.Percent)
	}
	return []field{{"Titre", a.Title}, {"Axe", a.Axis}, {"Objectif", a.Objective}, {"Pilote", a.Pilot}, {"Suivie par", a.Body.Label()},
		{"Public", a.Audience}, {"Début", dayWords(a.Starts)}, {"Fin", dayWords(a.Ends)}, {"Priorité", a.Priority.Label()},
		{"Objectif France Numérique Ensemble", a.FNE}, {"État", a.Status.Label()}, {"Avancement", percent}, {"Communes", where},
		{"Partenaires", strings.Join(partners, ", ")}, {"Étapes", strings.Join(steps, " ; ")}, {"Cibles des indicateurs", strings.Join(measures, " ; ")},
		{"Budget prévu", a.Planned().String()}}
}

// CheckInvariants checks, for `portal verify`, that each frozen edition still is what
// was hashed, that its lines say what it says, and that no action was lost between two
// programmes.
func (s *Service) CheckInvariants(ctx context.Context) error {
	rows, err := postgres.List[stored](ctx, s.db, storedSQL+` WHERE e.state = 'frozen' ORDER BY e.year`)
	if err != nil {
		return postgres.Wrap(err, "check editions")
	}
	adopted, err := postgres.List[struct {
		Year    int   `db:"year"`
		Numbers []int `db:"numbers"`
	}](ctx, s.db, `SELECT l.year, array_agg(a.number::int ORDER BY a.number) AS numbers FROM edition_line l JOIN roadmap_action a ON a.id = l.action_id
		WHERE l.outcome = 'adopted' GROUP BY l.year`)
	if err != nil {
		return postgres.Wrap(err, "check lines of editions")
	}
	lines := map[int][]int{}
	for _, a := range adopted {
		lines[a.Year] = a.Numbers
	}
	var before *Content
	for _, r := range rows {
		if hashOf(r.Content) != r.Hash {
			return broken("L’empreinte d’un programme figé est celle de son contenu", "programme "+strconv.Itoa(r.Year))
		}
		p, err := r.published()
		if err != nil {
			return err
		}
		numbers := p.numbers()
		slices.Sort(numbers)
		if !slices.Equal(numbers, lines[r.Year]) {
			return broken("Les lignes adoptées d’un programme sont celles de son contenu figé", "programme "+strconv.Itoa(r.Year))
		}
		if n, lost := lostBetween(before, p.Content); lost {
			return broken("Aucune action n’est perdue d’un programme au suivant", fmt.Sprintf("action n° %d, programme %d", n, r.Year))
		}
		before = &p.Content
	}
	return nil
}

func broken(rule, detail string) error {
	return &governance.BrokenInvariant{Rule: rule, Detail: detail}
}

func (c Content) numbers() []int {
	out := make([]int, len(c.Actions))
	for i, a := range c.Actions {
		out[i] = a.Number
	}
	return out
}

// lostBetween finds an action adopted in a programme of which the next says nothing.
func lostBetween(before *Content, next Content) (int, bool) {
	if before == nil {
		return 0, false
	}
	said := map[int]bool{}
	for _, n := range next.numbers() {
		said[n] = true
	}
	for _, e := range slices.Concat(next.Closed, next.Stopped) {
		said[e.Number] = true
	}
	for _, n := range before.numbers() {
		if !said[n] {
			return n, true
		}
	}
	return 0, false
}
