package audit

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before, after string
		want          []Change
	}{
		"nothing at all":       {"", "", []Change{}},
		"JSON null is nothing": {"null", "null", []Change{}},
		"something new": {"", `{"email":"a@example.org"}`, []Change{
			{Field: "email", Label: "Adresse électronique", After: "a@example.org", Changed: true},
		}},
		"something gone": {`{"email":"a@example.org"}`, "", []Change{
			{Field: "email", Label: "Adresse électronique", Before: "a@example.org", Changed: true},
		}},
		"changed first, then the rest": {
			`{"name":"A","starts_on":"2026-01-02","ok":true}`, `{"name":"A","starts_on":"2026-01-03","ok":false}`,
			[]Change{
				{Field: "ok", Label: "Chaîne intacte", Before: "oui", After: "non", Changed: true},
				{Field: "starts_on", Label: "Début", Before: "2 janvier 2026", After: "3 janvier 2026", Changed: true},
				{Field: "name", Label: "Nom", Before: "A", After: "A"},
			}},
		"a null that stays nothing is no change": {`{}`, `{"note":null}`, []Change{{Field: "note", Label: "Note"}}},
		"inside objects and lists": {
			`{"seat":{"name":"x"},"l":[1,true,{"name":"y"}]}`, `{"seat":{"name":"z"},"l":[1,true,{"name":"y"}]}`,
			[]Change{
				{Field: "seat.name", Label: "Siège, Nom", Before: "x", After: "z", Changed: true},
				{Field: "l", Label: "L", Before: "1, oui, (Nom\u00a0: y)", After: "1, oui, (Nom\u00a0: y)"},
			}},
		"numbers as written": {`{"version":12345678901234567890.10}`, `{"version":12345678901234567890.1}`, []Change{
			{Field: "version", Label: "Version", Before: "12345678901234567890.10", After: "12345678901234567890.1", Changed: true},
		}},
		"an instant, in Paris": {"", `{"disabled_at":"2026-07-01T23:30:00.5Z"}`, []Change{
			{Field: "disabled_at", Label: "Fermé le", After: "2 juillet 2026 à 1\u00a0h\u00a030", Changed: true},
		}},
		"a text that begins as a date": {"", `{"note":"2026-99-99"}`, []Change{
			{Field: "note", Label: "Note", After: "2026-99-99", Changed: true},
		}},
		"no object":  {`"avant"`, `["après"]`, []Change{{Field: "value", Label: "Valeur", Before: "avant", After: "après", Changed: true}}},
		"no JSON":    {`{`, ``, []Change{{Field: "value", Label: "Valeur", Before: "{", Changed: true}}},
		"short text": {``, `"é"`, []Change{{Field: "value", Label: "Valeur", After: "é", Changed: true}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(test.want, Diff([]byte(test.before), []byte(test.after))); d != "" {
				t.Errorf("Diff (-want +got):\n%s", d)
			}
		})
	}
}

func TestChanged(t *testing.T) {
	t.Parallel()
	all := Diff([]byte(`{"a":1,"b":2}`), []byte(`{"a":1,"b":3}`))
	if got := Changed(all); len(got) != 1 || got[0].Field != "b" {
		t.Errorf("Changed(%v) = %v, want b alone", all, got)
	}
	all = Diff(nil, []byte(`{"a":1}`))
	if got := Changed(all); len(got) != 1 {
		t.Errorf("Changed(%v) = %v, want all", all, got)
	}
}
