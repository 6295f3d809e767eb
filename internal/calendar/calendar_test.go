package calendar

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"bordeaux-metropole.fr/portal/internal/day"
)

func meeting() Event {
	start := day.Of(2026, time.November, 26).At(14, 0)
	return Event{
		UID: "0b9c2f6e-1d5f-4b61-9c0e-3a8a3f1b7c55@portail.example.org", Sequence: 3, Start: start, End: start.Add(2 * time.Hour),
		Changed: time.Date(2026, 11, 2, 8, 30, 0, 0, time.UTC), Summary: "Réunion du GNI", Location: "Salle Garonne, 1er étage ; accès B",
		Description: "Bilan et propositions au CMTIN\n1. Accueil\n2. Suivi", URL: "https://portail.example.org/reunions/12",
	}
}

// read parses with a library that is not the one that wrote, and has it check what
// RFC 5545 asks of each component.
func read(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string) *ical.Calendar {
	t.Helper()
	d := ical.NewDecoder(strings.NewReader(s))
	c, err := d.Decode()
	if err != nil {
		t.Fatalf("not a calendar: %v\n%s", err, s)
	}
	if _, err := d.Decode(); err != io.EOF {
		t.Fatalf("something follows the calendar: %v\n%s", err, s)
	}
	if err := ical.NewEncoder(io.Discard).Encode(c); err != nil {
		t.Fatalf("against RFC 5545: %v\n%s", err, s)
	}
	return c
}

func TestReadsBack(t *testing.T) {
	t.Parallel()
	e := meeting()
	c := read(t, Write("Réunions du GNI", []Event{e}))
	for name, want := range map[string]string{"METHOD": "PUBLISH", "VERSION": "2.0", "X-WR-CALNAME": "Réunions du GNI", "X-PUBLISHED-TTL": "PT4H", "REFRESH-INTERVAL": "PT4H"} {
		if p := c.Props.Get(name); p == nil || p.Value != want {
			t.Errorf("%s: %+v, want %s", name, p, want)
		}
	}
	for name := range c.Props {
		if p := c.Props.Get(name); len(c.Props.Values(name)) != 1 || len(p.Params.Values("VALUE")) > 1 {
			t.Errorf("%s says twice: %+v", name, c.Props.Values(name))
		}
	}
	got := c.Events()[0]
	for name, want := range map[string]string{"UID": e.UID, "SEQUENCE": "3", "SUMMARY": e.Summary, "LOCATION": e.Location, "DESCRIPTION": e.Description,
		"URL": e.URL, "STATUS": "CONFIRMED", "DTSTAMP": "20261102T083000Z", "LAST-MODIFIED": "20261102T083000Z"} {
		if v, err := textOf(got, name); err != nil || v != want {
			t.Errorf("%s: %q, %v; want %q", name, v, err, want)
		}
	}
	start, err := got.DateTimeStart(time.UTC)
	if err != nil || !start.Equal(e.Start) || got.Props.Get("DTSTART").Value != "20261126T140000" || got.Props.Get("DTSTART").Params.Get("TZID") != "Europe/Paris" {
		t.Errorf("begins %v, %v; want 14 h in Paris", start, err)
	}
}

func textOf(e ical.Event, name string) (string, error) {
	p := e.Props.Get(name)
	if p == nil {
		return "", nil
	}
	if name == "SEQUENCE" || name == "URL" || name == "DTSTAMP" || name == "LAST-MODIFIED" {
		return p.Value, nil
	}
	return p.Text()
}

func TestStates(t *testing.T) {
	t.Parallel()
	off, draft := meeting(), meeting()
	off.Cancelled, off.Tentative = true, true
	draft.UID, draft.Tentative = "autre", true
	events := read(t, Write("x", []Event{off, draft})).Events()
	for i, want := range []map[string]string{
		{"STATUS": "CANCELLED", "SUMMARY": "Annulé\u00a0: Réunion du GNI", "TRANSP": "TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS": "FREE", "UID": off.UID},
		{"STATUS": "TENTATIVE", "SUMMARY": "Réunion du GNI", "TRANSP": "", "X-MICROSOFT-CDO-BUSYSTATUS": "TENTATIVE", "UID": "autre"},
	} {
		for name, v := range want {
			if got, err := textOf(events[i], name); err != nil || got != v {
				t.Errorf("event %d, %s: %q, %v; want %q", i, name, got, err, v)
			}
		}
	}
	if c := read(t, Write("vide", nil)); len(c.Events()) != 0 {
		t.Error("an empty calendar holds an event")
	}
}

// TestParisTime reads times back around both clock changes of several years, and
// every quarter of an hour of the days themselves.
func TestParisTime(t *testing.T) {
	t.Parallel()
	var events []Event
	for _, d := range []day.Day{day.Of(2026, 1, 15), day.Of(2026, 7, 15), day.Of(2026, 3, 28), day.Of(2026, 3, 29), day.Of(2026, 3, 30),
		day.Of(2026, 10, 24), day.Of(2026, 10, 25), day.Of(2026, 10, 26), day.Of(2027, 3, 28), day.Of(2027, 10, 31)} {
		for at := d.At(0, 0); at.Before(d.AddDays(1).At(0, 0)); at = at.Add(15 * time.Minute) {
			events = append(events, Event{UID: at.UTC().String(), Start: at, End: at.Add(2 * time.Hour), Changed: at, Summary: "x"})
		}
	}
	twice := 0
	for i, got := range read(t, Write("x", events)).Events() {
		start, err := got.DateTimeStart(time.UTC)
		end, errEnd := got.DateTimeEnd(time.UTC)
		if err != nil || errEnd != nil || !start.Equal(events[i].Start) || !end.Equal(events[i].End) {
			t.Errorf("%v read back as %v to %v (%v, %v)", events[i].Start, start, end, err, errEnd)
		}
		if strings.HasSuffix(got.Props.Get("DTSTART").Value, "Z") {
			twice++
		}
	}
	if twice != 16 { // two hours of quarters, on two days of October
		t.Errorf("%d hours written in universal time, want the 16 that come twice", twice)
	}
}

// TestZoneIsParis expands the rules of VTIMEZONE and compares what they say with
// the zone database, hour by hour around each change.
func TestZoneIsParis(t *testing.T) {
	t.Parallel()
	var changes []struct {
		at     time.Time // wall clock before the change, as UTC
		to     string
		before int
	}
	for _, z := range read(t, Write("x", []Event{meeting()})).Children[0].Children {
		set, err := z.RecurrenceSet(time.UTC)
		if err != nil || set == nil {
			t.Fatalf("%s: no rule, %v", z.Name, err)
		}
		before := map[string]int{"+0100": 3600, "+0200": 7200}[z.Props.Get("TZOFFSETFROM").Value]
		for _, at := range set.Between(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC), true) {
			changes = append(changes, struct {
				at     time.Time
				to     string
				before int
			}{at, z.Props.Get("TZOFFSETTO").Value, before})
		}
	}
	if len(changes) != 100 {
		t.Fatalf("%d changes in fifty years", len(changes))
	}
	for _, c := range changes {
		instant := c.at.Add(-time.Duration(c.before) * time.Second)
		_, before := instant.Add(-time.Second).In(day.Paris).Zone()
		_, after := instant.In(day.Paris).Zone()
		if to := fmt.Sprintf("+%02d00", after/3600); before != c.before || to != c.to || before == after {
			t.Errorf("%v: %d to %s, Paris says %d to %s", c.at, c.before, c.to, before, to)
		}
	}
}

// TestHostileText: whatever people type, one event in is one event out, no property
// is added, no line is too long or cut within a character, and what can be said in
// a text value is read back.
func TestHostileText(t *testing.T) {
	t.Parallel()
	piece := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"\r\n", "\n", "\r", "\x00", "END:VEVENT\r\nBEGIN:VEVENT", "\r\nATTENDEE:mailto:x@example.org", ";", ",", `\`, `\n`, `"`, ":", "👩‍👩‍👧", "é",
		"\u2028", "\u0085", "\xff", " ", "<a>", "\r\n ", strings.Repeat("œ", 80), strings.Repeat("x", 200),
	}))
	hostile := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "") })
	rapid.Check(t, func(t *rapid.T) {
		plain := meeting()
		e := plain
		e.Summary, e.Location, e.Description = hostile.Draw(t, "summary"), hostile.Draw(t, "location"), hostile.Draw(t, "description")
		e.UID, e.URL = "a"+hostile.Draw(t, "uid"), "https://portail.example.org/"+hostile.Draw(t, "url")
		s := Write(hostile.Draw(t, "name"), []Event{e})
		if strings.Contains(strings.ReplaceAll(s, "\r\n", ""), "\r") || strings.Contains(strings.ReplaceAll(s, "\r\n", ""), "\n") {
			t.Fatalf("a line ends without CRLF: %q", s)
		}
		for _, line := range strings.Split(s, "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) {
				t.Fatalf("line of %d octets, valid %v: %q", len(line), utf8.ValidString(line), line)
			}
		}
		c := read(t, s)
		if len(c.Children) != 2 || len(c.Events()) != 1 {
			t.Fatalf("%d components, %d events: %q", len(c.Children), len(c.Events()), s)
		}
		got := c.Events()[0]
		for name := range got.Props {
			if v := got.Props.Values(name); len(v) != 1 || !strings.Contains(" UID SEQUENCE DTSTAMP LAST-MODIFIED DTSTART DTEND STATUS X-MICROSOFT-CDO-BUSYSTATUS SUMMARY LOCATION DESCRIPTION URL ", " "+name+" ") {
				t.Fatalf("property %s: %+v", name, v)
			}
		}
		for name, want := range map[string]string{"SUMMARY": oneLine(e.Summary), "LOCATION": oneLine(e.Location), "DESCRIPTION": text(e.Description), "UID": oneLine(e.UID)} {
			if v, err := textOf(got, name); err != nil || v != want {
				t.Fatalf("%s: %q, %v; want %q", name, v, err, want)
			}
		}
	})
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://portail.example.org/reunions/12": "https://portail.example.org/reunions/12", "": "", "javascript:alert(1)": "", "/reunions/12": "",
		"https://a.example.org/\r\nATTENDEE:x": "", "https://a.example.org/é": "https://a.example.org/%C3%A9",
	} {
		if got := address(in); got != want {
			t.Errorf("address(%q) = %q, want %q", in, got, want)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	events := make([]Event, 100)
	for i := range events {
		events[i] = meeting()
	}
	for b.Loop() {
		Write("x", events)
	}
}
