package count

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/election"
)

// Entry is a candidate and the votes of the opened sum.
type Entry struct {
	ID        election.CandidacyID
	Commune   string
	Gender    string // of the titular: f, m, x, "" when the rules do not ask
	Votes     int
	Withdrawn bool // after the list was sealed: votes are shown, never elected
}

// Poll is what settles the votes of one college besides them.
type Poll struct {
	Rules election.Rules
	Seats int
	// Registered and Voted are judged against the quorum.
	Registered, Voted int
	// Value is what the outside draw gave, "" while it is not known; Head is the head of
	// the archive at the close, in hexadecimal. Together they are the seed.
	Value, Head string
}

// Seed is what the order of a draw is computed from.
func (p Poll) Seed() string { return p.Value + p.Head }

// Standing is the place of a candidate.
type Standing struct {
	ID        election.CandidacyID
	Votes     int
	Rank      int  // from 1, once ties are settled; those who withdrew stand last
	Tied      bool // with somebody, whatever settled it
	Elected   bool
	Undecided bool // tied at the last seat while the draw is not known
	Withdrawn bool
}

// Pick is one step that settles a tie: who came next, and by what.
type Pick struct {
	ID    election.CandidacyID `json:"candidacy"`
	Hash  string               `json:"hash"`            // SHA-256 of the seed, « | » and the candidacy
	Count int                  `json:"count,omitempty"` // elected before, of the commune or of the gender
	Drawn bool                 `json:"drawn"`           // the draw chose between several
}

// Tie is a group of candidates with the same votes, and the order they were given.
type Tie struct {
	Votes    int    `json:"votes"`
	Decisive bool   `json:"decisive"` // some have a seat and others do not
	Picks    []Pick `json:"picks"`
}

// Swap is a replacement that the rule of two of each gender made.
type Swap struct {
	Out election.CandidacyID `json:"out"`
	In  election.CandidacyID `json:"in"`
}

// Outcome is what the votes of one college give.
type Outcome struct {
	Standings  []Standing // by rank
	Ties       []Tie      // the most votes first
	Swaps      []Swap
	Vacant     int  // seats that nobody was elected to
	QuorumMet  bool // always when the rules ask none
	Unopposed  bool // no more candidates than seats, and the rules elect them so
	DrawNeeded bool // a tie that the votes leave open waits for the draw
}

// Elected returns the elected, by rank.
func (o Outcome) Elected() []election.CandidacyID {
	var out []election.CandidacyID
	for _, s := range o.Standings {
		if s.Elected {
			out = append(out, s.ID)
		}
	}
	return out
}

// DrawHash is what the order of a draw compares: the SHA-256 of the seed, « | » and the
// number of the candidacy. In a shell: printf '%s' 'SEED|NUMBER' | sha256sum.
func DrawHash(seed string, id election.CandidacyID) string {
	h := sha256.Sum256([]byte(seed + "|" + strconv.FormatInt(int64(id), 10)))
	return hex.EncodeToString(h[:])
}

// Rank tells who is elected in a college. It depends on nothing but its arguments, and
// not on the order of entries:
//
//  1. Who withdrew is set aside: votes shown, never elected, ranked last.
//  2. The others are ranked by votes, the most first. Those who have the same are a
//     tie, settled one place after the other: by the rule commune, who is of the commune
//     with the fewest placed before; by the rule gender, who is of the gender with the
//     fewest placed before (women and men are compared; the others have no advantage);
//     then, or by the rule draw at once, who has the smallest DrawHash.
//  3. The first are elected, as many as seats, with one vote at least. Nobody is when
//     the quorum is not met. Where the rules elect without vote and candidates are no
//     more than seats, all are.
//  4. By the rule of two of each gender: while fewer than two women (or men) are
//     elected, or than half of the seats if that is less, the last elected of the other
//     gender leaves the place to the first woman (or man) not elected who has a vote, as
//     long as the other gender keeps more than that number.
func Rank(entries []Entry, p Poll) Outcome {
	standing, aside := split(entries)
	o := Outcome{QuorumMet: p.Voted*100 >= p.Rules.Quorum*p.Registered, Unopposed: p.Rules.Shortage == "unopposed" && len(standing) <= p.Seats}
	order := make([]Entry, 0, len(entries))
	tied := map[election.CandidacyID]bool{}
	for first := 0; first < len(standing); {
		last := first + 1
		for last < len(standing) && standing[last].Votes == standing[first].Votes {
			last++
		}
		group := standing[first:last]
		picks := p.settle(order, group)
		for _, k := range picks {
			order = append(order, find(group, k.ID))
		}
		if len(group) > 1 && group[0].Votes > 0 {
			o.Ties = append(o.Ties, Tie{Votes: group[0].Votes, Decisive: first < p.Seats && last > p.Seats, Picks: picks})
			for _, e := range group {
				tied[e.ID] = true
			}
		}
		first = last
	}
	for i, e := range append(order, aside...) {
		o.Standings = append(o.Standings, Standing{ID: e.ID, Votes: e.Votes, Rank: i + 1, Tied: tied[e.ID], Withdrawn: e.Withdrawn})
	}
	p.elect(&o, order)
	return o
}

// split sorts candidates by votes and sets aside who withdrew.
func split(entries []Entry) (standing, aside []Entry) {
	all := slices.Clone(entries)
	slices.SortFunc(all, func(a, b Entry) int { return cmp.Or(b.Votes-a.Votes, cmp.Compare(a.ID, b.ID)) })
	for _, e := range all {
		if e.Withdrawn {
			aside = append(aside, e)
		} else {
			standing = append(standing, e)
		}
	}
	return standing, aside
}

func find(list []Entry, id election.CandidacyID) Entry {
	return list[slices.IndexFunc(list, func(e Entry) bool { return e.ID == id })]
}

// settle orders candidates who have the same votes. placed are those before them.
func (p Poll) settle(placed, group []Entry) []Pick {
	placed, left := slices.Clone(placed), slices.Clone(group)
	var out []Pick
	for len(left) > 0 {
		key := p.key(placed)
		slices.SortFunc(left, func(a, b Entry) int {
			return cmp.Or(key(a)-key(b), cmp.Compare(DrawHash(p.Seed(), a.ID), DrawHash(p.Seed(), b.ID)))
		})
		next := left[0]
		out = append(out, Pick{ID: next.ID, Hash: DrawHash(p.Seed(), next.ID), Count: key(next), Drawn: len(left) > 1 && key(left[1]) == key(next)})
		placed, left = append(placed, next), left[1:]
	}
	return out
}

// key is what a rule compares before the draw: the fewer, the sooner.
func (p Poll) key(placed []Entry) func(Entry) int {
	communes, genders := map[string]int{}, map[string]int{}
	for _, e := range placed {
		communes[e.Commune]++
		genders[e.Gender]++
	}
	return func(e Entry) int {
		switch {
		case p.Rules.Tie == "commune":
			return communes[e.Commune]
		case p.Rules.Tie == "gender" && (e.Gender == "f" || e.Gender == "m"):
			return genders[e.Gender]
		case p.Rules.Tie == "gender":
			return max(genders["f"], genders["m"])
		}
		return 0
	}
}

// elect marks who is elected among order, who cannot be yet, and counts empty seats.
func (p Poll) elect(o *Outcome, order []Entry) {
	o.Vacant = p.Seats
	if !o.QuorumMet && !o.Unopposed {
		return
	}
	for i, e := range order {
		if i < p.Seats && (e.Votes > 0 || o.Unopposed) {
			o.Standings[i].Elected = true
			o.Vacant--
		}
	}
	if p.Value == "" && !o.Unopposed {
		o.waitForDraw(p)
	}
	if p.Rules.Gender == "minimum" && !o.DrawNeeded {
		o.balance(p, order)
	}
}

// waitForDraw takes back what only the draw can tell: a tie is left open when it is not
// wholly among the elected and one of its steps was drawn.
func (o *Outcome) waitForDraw(p Poll) {
	for _, t := range o.Ties {
		last := slices.IndexFunc(o.Standings, func(s Standing) bool { return s.ID == t.Picks[len(t.Picks)-1].ID })
		if last < p.Seats && p.Rules.Gender != "minimum" || !slices.ContainsFunc(t.Picks, func(k Pick) bool { return k.Drawn }) {
			continue
		}
		o.DrawNeeded = true
		for i := last - len(t.Picks) + 1; t.Decisive && i <= last; i++ {
			if o.Standings[i].Elected {
				o.Standings[i].Elected = false
				o.Vacant++
			}
			o.Standings[i].Undecided = true
		}
	}
}

// balance applies the rule of two of each gender.
func (o *Outcome) balance(p Poll, order []Entry) {
	floor := min(2, p.Seats/2)
	for _, g := range []string{"f", "m"} {
		other := map[string]string{"f": "m", "m": "f"}[g]
		for {
			have, others, in, out := 0, 0, -1, -1
			for i, e := range order {
				switch elected := o.Standings[i].Elected; {
				case elected && e.Gender == g:
					have++
				case elected && e.Gender == other:
					others, out = others+1, i
				case !elected && e.Gender == g && e.Votes > 0 && in < 0:
					in = i
				}
			}
			if have >= floor || others <= floor || in < 0 {
				break
			}
			o.Standings[out].Elected, o.Standings[in].Elected = false, true
			o.Swaps = append(o.Swaps, Swap{Out: order[out].ID, In: order[in].ID})
		}
	}
}
