package governance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// span is how many days after the deliberation the histories run.
const span = 900

// calendar is the naive model of a governance: who holds each seat on each day.
type calendar struct {
	seats map[SeatID]*column
}

// column is one seat, day by day from Founded. A cell holds a mandate's number
// in who, 0 for nobody.
type column struct {
	kind               SeatKind
	college            College
	open               [span]bool
	titular, alternate [span]int
	who                map[int]access.PersonID
}

func at(d day.Day) int { return Founded.DaysUntil(d) }

// start gives the seat from a day until it closes, over whoever is there.
func (c *column) start(id int, kind MandateKind, person access.PersonID, from int) {
	c.who[id] = person
	for i := from; i < span && c.open[i]; i++ {
		if kind == Titular {
			c.titular[i] = id
		} else if c.titular[i] == 0 {
			break
		} else {
			c.alternate[i] = id
		}
	}
	if kind == Titular && c.who[c.alternate[from]] == person {
		c.end(c.alternate[from], from)
	}
}

// end takes a mandate away from a day on, and the alternates left alone.
func (c *column) end(id, on int) {
	for i := on; i < span; i++ {
		if c.titular[i] == id {
			c.titular[i] = 0
		}
		if c.alternate[i] == id {
			c.alternate[i] = 0
		}
	}
	for i := range span {
		if a := c.alternate[i]; a != 0 && c.titular[i] == 0 {
			for j := i; j < span; j++ {
				if c.alternate[j] == a {
					c.alternate[j] = 0
				}
			}
		}
	}
}

// runner plays one random history on the service and on the model.
type runner struct {
	*world
	rt     *rapid.T
	cal    calendar
	people []access.PersonID
	orgs   []Joined
	serial int
}

func TestCompositionOfAnyHistory(t *testing.T) {
	tx := pgtest.Tx(t)
	rapid.Check(t, func(rt *rapid.T) {
		save, err := tx.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = save.Rollback(context.WithoutCancel(t.Context())) }()
		r := &runner{world: worldOn(t, save), rt: rt, cal: calendar{map[SeatID]*column{}}}
		r.readSeats()
		for range rapid.IntRange(8, 30).Draw(rt, "acts") {
			r.act()
		}
		for range 4 {
			r.compare(r.draw("day"))
		}
		for _, code := range BodyCodes {
			r.differences(code)
		}
		if err := r.s.CheckInvariants(t.Context()); err != nil {
			rt.Fatalf("invariants: %v", err)
		}
	})
}

func (r *runner) readSeats() {
	type row struct {
		ID      SeatID   `db:"id"`
		Kind    SeatKind `db:"kind"`
		College College  `db:"college"`
	}
	rows, err := postgres.List[row](r.t.Context(), r.db, `SELECT id, kind, coalesce(college, '') AS college FROM seat`)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, s := range rows {
		r.open(s.ID, s.Kind, s.College, 0)
	}
}

func (r *runner) open(id SeatID, kind SeatKind, college College, from int) {
	c := &column{kind: kind, college: college, who: map[int]access.PersonID{}}
	for i := from; i < span; i++ {
		c.open[i] = true
	}
	r.cal.seats[id] = c
}

func (r *runner) draw(label string) day.Day {
	return Founded.AddDays(rapid.IntRange(0, span-1).Draw(r.rt, label))
}

// anySeat favours few seats of each kind, so that acts meet.
func (r *runner) anySeat() SeatID {
	kind := rapid.SampledFrom(SeatKinds).Draw(r.rt, "kind")
	var of []SeatID
	for id, c := range r.cal.seats {
		if c.kind == kind {
			of = append(of, id)
		}
	}
	slices.Sort(of)
	if len(of) == 0 {
		return r.seat(President)
	}
	return rapid.SampledFrom(of[:min(len(of), 4)]).Draw(r.rt, "seat")
}

// somebody is one of the people already there, or somebody new.
func (r *runner) somebody() PersonInput {
	if len(r.people) > 0 && rapid.Bool().Draw(r.rt, "known") {
		return PersonInput{ID: rapid.SampledFrom(r.people).Draw(r.rt, "person")}
	}
	r.serial++
	return PersonInput{First: "Alix", Last: fmt.Sprintf("Numéro %d", r.serial)}
}

// refused tells whether the service said no; anything but a refusal is a bug.
func (r *runner) refused(doing string, err error) bool {
	if err == nil {
		return false
	}
	if _, ok := errors.AsType[*problem.Error](err); !ok {
		r.rt.Fatalf("%s: an incident instead of a refusal: %v", doing, err)
	}
	return true
}

func (r *runner) act() {
	switch rapid.SampledFrom([]string{"start", "start", "start", "alternate", "end", "end", "join", "leave", "renew"}).Draw(r.rt, "act") {
	case "start":
		r.startOne(Titular)
	case "alternate":
		r.startOne(Alternate)
	case "end":
		r.endOne()
	case "join":
		r.joinOne()
	case "leave":
		r.leaveOne()
	case "renew":
		r.renew()
	}
}

func (r *runner) startOne(kind MandateKind) {
	seat, from := r.anySeat(), r.draw("from")
	done, err := r.s.StartMandate(r.t.Context(), team, NewMandate{Seat: seat, Person: r.somebody(), Kind: kind, From: from,
		Designation: "test", ReplacesCurrent: rapid.Bool().Draw(r.rt, "replace")})
	if r.refused("start", err) {
		return
	}
	r.people = append(r.people, done.Person.ID)
	r.cal.seats[seat].start(int(done.Mandate), kind, done.Person.ID, at(from))
}

func (r *runner) endOne() {
	seat := r.anySeat()
	held, err := tenuresOf(r.t.Context(), r.db, seat)
	if err != nil || len(held) == 0 {
		return
	}
	t, on := rapid.SampledFrom(held).Draw(r.rt, "mandate"), r.draw("on")
	_, err = r.s.EndMandate(r.t.Context(), team, EndOfMandate{ID: t.ID, Version: t.Version, On: on, ConfirmVacant: true})
	if r.refused("end", err) {
		return
	}
	r.cal.seats[seat].end(int(t.ID), at(on))
}

func (r *runner) joinOne() {
	r.serial++
	n := NewPartner{Name: fmt.Sprintf("Organisation %d", r.serial), From: r.draw("joins"), Designation: "test"}
	titular := r.somebody()
	n.Titular = &titular
	kind, college := Partner, College("")
	var (
		j   Joined
		err error
	)
	if rapid.Bool().Draw(r.rt, "structure") {
		kind, college = Structure, rapid.SampledFrom(Colleges).Draw(r.rt, "college")
		j, err = r.s.addStructure(r.t.Context(), college, n)
	} else {
		j, err = r.s.AddPartner(r.t.Context(), team, n)
	}
	if r.refused("join", err) {
		return
	}
	r.open(j.Seat, kind, college, at(n.From))
	held, err := tenuresOf(r.t.Context(), r.db, j.Seat)
	if err != nil || len(held) != 1 {
		r.rt.Fatalf("mandates of a new partner: %v, %v", held, err)
	}
	r.cal.seats[j.Seat].start(int(held[0].ID), Titular, j.People[0].ID, at(n.From))
	r.people = append(r.people, j.People[0].ID)
	r.orgs = append(r.orgs, j)
}

func (r *runner) leaveOne() {
	if len(r.orgs) == 0 {
		return
	}
	j, on := rapid.SampledFrom(r.orgs).Draw(r.rt, "organisation"), r.draw("leaves")
	type leaver struct {
		Kind    OrganisationKind
		Version int
	}
	o, err := postgres.One[leaver](r.t.Context(), r.db, `SELECT kind, version FROM organisation WHERE id = $1`, j.Organisation)
	if err != nil {
		r.t.Fatal(err)
	}
	gone := Departure{Organisation: j.Organisation, Version: o.Version, On: on}
	leave := func() error { return r.s.PartnerLeaves(r.t.Context(), team, gone) }
	if o.Kind == LocalStructure {
		leave = func() error {
			return r.s.write(r.t.Context(), func(tx pgx.Tx) error { return r.s.Unseat(r.t.Context(), tx, team, gone) })
		}
	}
	if r.refused("leave", leave()) {
		return
	}
	c := r.cal.seats[j.Seat]
	for i := range span {
		c.open[i] = c.open[i] && i < at(on)
		if !c.open[i] {
			c.titular[i], c.alternate[i] = 0, 0
		}
	}
}

func (r *runner) renew() {
	sheet, err := r.s.RenewalSheet(r.t.Context(), team)
	if err != nil {
		r.t.Fatal(err)
	}
	slices.SortFunc(sheet, func(a, b RenewalLine) int { return int(a.Seat - b.Seat) })
	on := r.draw("renewal")
	in := Renewal{Day: on, PartialOK: true}
	for _, l := range sheet[:3] {
		row := RenewalRow{INSEE: l.INSEE, Seen: l.Mandate, Version: l.Version}
		if l.Mandate != 0 && rapid.Bool().Draw(r.rt, "same") {
			row.SameMayor = true
		} else {
			r.serial++
			row.First, row.Last = "Maire", fmt.Sprintf("Numéro %d", r.serial)
		}
		in.Rows = append(in.Rows, row)
	}
	done, err := r.s.Renew(r.t.Context(), team, in)
	if r.refused("renew", err) {
		return
	}
	for _, l := range sheet[:3] {
		if !slices.Contains(done.Saved, l.INSEE) {
			continue
		}
		held, err := tenuresOf(r.t.Context(), r.db, l.Seat)
		if err != nil {
			r.t.Fatal(err)
		}
		t := held.on(Titular, on)
		if t == nil || t.From != on {
			r.rt.Fatalf("renewal of %s on %s saved, and no mandate begins: %v", l.INSEE, on, held)
		}
		r.cal.seats[l.Seat].start(int(t.ID), Titular, t.Person, at(on))
	}
}

// members says which kinds of seats the deliberation puts in each body.
var members = map[BodyCode][]SeatKind{
	CMTIN:    {President, Councillor, Partner, Mayor, GNIRepresentative},
	Partners: {Councillor, Partner},
	GNI:      {Structure},
	Communes: {Councillor, Mayor},
}

// compare compares every body on a day with the model.
func (r *runner) compare(on day.Day) {
	i := at(on)
	for _, code := range BodyCodes {
		rows := r.composition(code, on)
		union := map[access.PersonID]bool{}
		for id, c := range r.cal.seats {
			line, listed := rows[id]
			if want := slices.Contains(members[code], c.kind) && c.open[i]; listed != want {
				r.rt.Fatalf("%s on %s: seat %d (%s) listed %v, wanted %v", code, on, id, c.kind, listed, want)
			}
			if !listed {
				continue
			}
			person, alternate := c.who[c.titular[i]], c.who[c.alternate[i]]
			if line.Person != person || line.AlternatePerson != alternate {
				r.rt.Fatalf("%s on %s: seat %d (%s) is held by %d and %d, wanted %d and %d", code, on, id, c.kind,
					line.Person, line.AlternatePerson, person, alternate)
			}
			if person != 0 {
				union[person] = true
			} else if alternate != 0 || line.State != Vacant || line.Counted {
				r.rt.Fatalf("%s on %s: vacant seat %+v", code, on, line)
			}
		}
		r.sums(code, on, rows, union)
	}
}

// sums checks what must add up: nobody counted twice, one chair, the colleges.
func (r *runner) sums(code BodyCode, on day.Day, rows map[SeatID]Line, union map[access.PersonID]bool) {
	counted := map[access.PersonID]int{}
	kinds, colleges := map[SeatKind]int{}, map[College]int{}
	for _, l := range rows {
		kinds[l.Kind]++
		if l.Kind == GNIRepresentative {
			colleges[l.College]++
		}
		if l.Counted {
			counted[l.Person]++
		}
	}
	if len(counted) != len(union) {
		r.rt.Fatalf("%s on %s: %d people counted, the union has %d", code, on, len(counted), len(union))
	}
	for p, n := range counted {
		if n != 1 || !union[p] {
			r.rt.Fatalf("%s on %s: person %d counted %d times, in the union: %v", code, on, p, n, union[p])
		}
	}
	if code == CMTIN && (kinds[President] != 1 || kinds[Councillor] != 1 || kinds[Mayor] != 28 || kinds[GNIRepresentative] != 10 ||
		colleges[SocialAction] != 5 || colleges[DigitalMediation] != 5) {
		r.rt.Fatalf("CMTIN on %s: %v, %v", on, kinds, colleges)
	}
	page, err := r.s.BodyPage(r.t.Context(), code, BodyQuery{On: on})
	if err != nil {
		r.rt.Fatal(err)
	}
	var sum Counts
	for _, g := range page.Groups {
		if g.Seats != g.Vacant+g.Persons+g.CountedAbove {
			r.rt.Fatalf("%s on %s: the group %s does not add up: %+v", code, on, g.Name, g)
		}
		sum.Seats, sum.Vacant, sum.Persons = sum.Seats+g.Seats, sum.Vacant+g.Vacant, sum.Persons+g.Persons
	}
	if sum != page.Counts || sum.Persons != len(union) || sum.Seats != len(rows) {
		r.rt.Fatalf("%s on %s: the groups sum to %+v, the page says %+v, the model %d people", code, on, sum, page.Counts, len(union))
	}
}

// differences applies the differences of two days to the first composition.
func (r *runner) differences(code BodyCode) {
	from, to := r.draw("first day"), r.draw("second day")
	type pair struct{ holder, alternate access.PersonID }
	state := func(rows map[SeatID]Line) map[SeatID]pair {
		m := map[SeatID]pair{}
		for id, l := range rows {
			m[id] = pair{l.Person, l.AlternatePerson}
		}
		return m
	}
	diff, err := r.s.Differences(r.t.Context(), code, from, to)
	if err != nil {
		r.rt.Fatal(err)
	}
	got := state(r.composition(code, from))
	for _, l := range slices.Concat(diff.Entered, diff.Opened) {
		got[l.Seat] = pair{l.Person, l.AlternatePerson}
	}
	for _, c := range slices.Concat(diff.Replaced, diff.Alternates) {
		got[c.After.Seat] = pair{c.After.Person, c.After.AlternatePerson}
	}
	for _, l := range diff.Vacated {
		got[l.Seat] = pair{}
	}
	for _, l := range diff.Left {
		delete(got, l.Seat)
	}
	want := state(r.composition(code, to))
	if len(got) != len(want) {
		r.rt.Fatalf("%s from %s to %s: %d seats, wanted %d", code, from, to, len(got), len(want))
	}
	for id, p := range want {
		if got[id] != p {
			r.rt.Fatalf("%s from %s to %s: seat %d is %v, wanted %v", code, from, to, id, got[id], p)
		}
	}
	if diff.Empty() != (len(diff.Entered)+len(diff.Opened)+len(diff.Replaced)+len(diff.Alternates)+len(diff.Vacated)+len(diff.Left) == 0) {
		r.rt.Fatal("Empty lies")
	}
}
