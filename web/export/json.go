package export

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// writeJSON writes an object: what the data are, then one object per row, its
// keys in the order of the columns. An empty cell is null.
func writeJSON(b *bytes.Buffer, t Table) error {
	b.WriteString("{\n")
	for _, m := range [][2]string{
		{"titre", t.Title}, {"date", t.Date.String()}, {"source", t.Source}, {"licence", Licence}, {"licence_url", LicenceURL},
	} {
		b.WriteString("  ")
		if err := jsonString(b, m[0]); err != nil {
			return err
		}
		b.WriteString(": ")
		if err := jsonString(b, clean(m[1])); err != nil {
			return err
		}
		b.WriteString(",\n")
	}
	b.WriteString("  \"nombre\": " + strconv.Itoa(len(t.Rows)) + ",\n  \"donnees\": [")
	for i, row := range t.Rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    {")
		for j, c := range row {
			if j > 0 {
				b.WriteString(", ")
			}
			if err := jsonString(b, t.Columns[j].Key); err != nil {
				return err
			}
			b.WriteString(": ")
			if err := jsonCell(b, c); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	}
	if len(t.Rows) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("]\n}\n")
	return nil
}

func jsonCell(b *bytes.Buffer, c Cell) error {
	switch {
	case !c.filled:
		b.WriteString("null")
		return nil
	case c.kind == NumberKind:
		v, err := json.Marshal(c.number) // an infinity is refused
		b.Write(v)
		return err
	case c.kind == TimeKind:
		return jsonString(b, c.time.Format("2006-01-02T15:04:05Z07:00"))
	}
	return jsonString(b, c.String())
}

func jsonString(b *bytes.Buffer, s string) error {
	v, err := json.Marshal(s)
	b.Write(v)
	return err
}
