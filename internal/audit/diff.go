package audit

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
)

// Change is one field of what an act touched, before and after, in words. A field
// that was not there is "".
type Change struct {
	Field   string // as journalled: « starts_on », « body.notice_days »
	Label   string // « Début »
	Before  string
	After   string
	Changed bool
}

// Diff compares what was before with what is after, field by field; objects
// inside objects are opened. Changed fields come first, each group in the order
// of its labels. What is no JSON object is one field, « value ».
func Diff(before, after []byte) []Change {
	b, a := flatten(before), flatten(after)
	changes := make([]Change, 0, max(len(a), len(b)))
	for field, v := range b {
		w := a[field]
		changes = append(changes, Change{Field: field, Before: v, After: w, Changed: v != w})
	}
	for field, w := range a {
		if _, ok := b[field]; !ok {
			changes = append(changes, Change{Field: field, After: w, Changed: w != ""})
		}
	}
	for i := range changes {
		changes[i].Label = pathLabel(changes[i].Field)
	}
	slices.SortFunc(changes, func(x, y Change) int {
		if x.Changed != y.Changed {
			if x.Changed {
				return -1
			}
			return 1
		}
		return strings.Compare(x.Label+"\x00"+x.Field, y.Label+"\x00"+y.Field)
	})
	return changes
}

// Changed keeps the changes among the fields.
func Changed(all []Change) []Change {
	i := slices.IndexFunc(all, func(c Change) bool { return !c.Changed })
	if i < 0 {
		return all
	}
	return all[:i]
}

func pathLabel(path string) string {
	parts := strings.Split(path, ".")
	for i, p := range parts {
		parts[i] = fieldLabel(p)
	}
	return strings.Join(parts, ", ")
}

func flatten(data []byte) map[string]string {
	fields := map[string]string{}
	if len(data) == 0 {
		return fields
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // an amount of 20 figures reads as it was written
	var v any
	if err := d.Decode(&v); err != nil {
		fields["value"] = string(data)
		return fields
	}
	if v == nil {
		return fields
	}
	walk(fields, "", v)
	return fields
}

func walk(fields map[string]string, path string, v any) {
	object, ok := v.(map[string]any)
	if !ok {
		if path == "" {
			path = "value"
		}
		fields[path] = inWords(v)
		return
	}
	for key, child := range object {
		if path != "" {
			key = path + "." + key
		}
		walk(fields, key, child)
	}
}

// inWords writes a JSON value for a reader.
func inWords(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "oui"
		}
		return "non"
	case json.Number:
		return v.String()
	case string:
		return dateInWords(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = inWords(item)
		}
		return strings.Join(items, ", ")
	case map[string]any: // inside a list
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for i, k := range keys {
			keys[i] = fieldLabel(k) + "\u00a0: " + inWords(v[k])
		}
		return "(" + strings.Join(keys, " ; ") + ")"
	}
	return ""
}

// dateInWords reads days and instants; other texts come back as they are.
func dateInWords(s string) string {
	if len(s) < len(time.DateOnly) || s[4] != '-' {
		return s
	}
	if _, err := strconv.Atoi(s[:4]); err != nil {
		return s
	}
	if d, err := day.ParseISO(s); err == nil {
		return french.LongDate(d)
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return french.LongDate(day.In(t)) + " à " + french.Clock(t)
	}
	return s
}
