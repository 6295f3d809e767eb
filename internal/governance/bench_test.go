package governance

import (
	"fmt"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
)

// BenchmarkReads times the reads of the main pages on a full governance.
func BenchmarkReads(b *testing.B) {
	w := setup(b)
	for i := range 174 {
		n := NewPartner{Name: fmt.Sprintf("Organisation %03d", i), From: d(2025, 1, 1), Designation: "x",
			Titular: &PersonInput{First: "Alix", Last: fmt.Sprintf("Numéro %03d", i), Email: fmt.Sprintf("n%d@exemple.fr", i)}}
		var err error
		if i < 14 {
			_, err = w.s.AddPartner(b.Context(), team, n)
		} else {
			_, err = w.s.addStructure(b.Context(), Colleges[i%2], n)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	for insee, l := range w.sheet() {
		w.start(w.mandate(l.Seat, "Maire "+insee, d(2025, 1, 1)))
	}
	w.exec(`ANALYZE`)
	for name, read := range map[string]func() error{
		"home":      func() error { _, err := w.s.Home(b.Context()); return err },
		"bodies":    func() error { _, err := w.s.Bodies(b.Context()); return err },
		"cmtin":     func() error { _, err := w.s.BodyPage(b.Context(), CMTIN, BodyQuery{}); return err },
		"gni":       func() error { _, err := w.s.BodyPage(b.Context(), GNI, BodyQuery{}); return err },
		"communes":  func() error { _, err := w.s.Communes(b.Context()); return err },
		"seats":     func() error { _, _, err := w.s.Seats(b.Context(), team, SeatFilter{}, 1); return err },
		"dashboard": func() error { _, err := w.s.Dashboard(b.Context(), team); return err },
		"people":    func() error { _, err := w.s.SearchPeople(b.Context(), team, "numero 12"); return err },
		"chair": func() error {
			_, err := w.s.MyHome(b.Context(), access.Actor{Account: 2, Person: 2, Acting: access.Capacity{Role: access.State}})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
