package imports_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
)

// large is a national file of n plausible structures, spread over the communes.
func large(n int) [][]string {
	communes := []string{"33063", "33039", "33281", "33318", "33522", "33119", "33249", "33167", "33192", "33162"}
	rows := [][]string{{"pivot", "nom", "commune", "code_insee", "code_postal", "adresse", "typologie", "telephone", "courriels", "services", "presentation_resume", "presentation_detail", "horaires"}}
	words := []string{"Atelier", "Maison", "Espace", "Centre", "Fabrique", "Relais", "Comptoir"}
	for i := range n {
		rows = append(rows, []string{siret(i + 1), fmt.Sprintf("%s exemple %s %d", words[i%len(words)], words[(i/7)%len(words)], i), "", communes[i%len(communes)], "33000",
			fmt.Sprintf("%d rue de l’Exemple", i), "ASSO", "+33556000001", fmt.Sprintf("s%d@example.org", i),
			"Aide aux démarches administratives|Maîtrise des outils numériques du quotidien", "Une structure d’exemple qui accompagne vers le numérique.",
			strings.Repeat("Elle reçoit le matin, sur rendez-vous. ", 5), "Mo-Fr 09:00-12:00"})
		rows[i+1][2] = map[string]string{"33063": "Bordeaux", "33039": "Bègles", "33281": "Mérignac", "33318": "Pessac", "33522": "Talence", "33119": "Cenon",
			"33249": "Lormont", "33167": "Floirac", "33192": "Gradignan", "33162": "Eysines"}[rows[i+1][3]]
	}
	return rows
}

func asWorkbook(b testing.TB, rows [][]string) []byte {
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	for i, r := range rows {
		cells := make([]any, len(r))
		for c := range r {
			cells[c] = r[c]
		}
		if err == nil {
			err = w.SetRow(fmt.Sprintf("A%d", i+1), cells)
		}
	}
	if err == nil {
		err = w.Flush()
	}
	var out bytes.Buffer
	if err == nil {
		err = f.Write(&out)
	}
	if err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// peak measures the greatest heap while f runs, in bytes above what was there.
func peak(f func()) uint64 {
	var most atomic.Uint64
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapAlloc))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	f()
	close(stop)
	<-done
	return max(most.Load(), before) - before
}

// BenchmarkImport16000 reads a workbook of 16,000 structures, previews it, makes them
// members, then imports it again for nothing.
func BenchmarkImport16000(b *testing.B) {
	file := asWorkbook(b, large(16_000))
	for b.Loop() {
		b.StopTimer()
		w := worldOn(b, pgtest.Pool(b))
		b.StartTimer()
		most := peak(func() {
			var at [5]time.Time
			at[0] = time.Now()
			id := w.uploadFile("grand.xlsx", file)
			at[1] = time.Now()
			p := w.preview(id)
			at[2] = time.Now()
			if p.New != 16_000 {
				b.Fatalf("%d new, %d wrong: %+v", p.New, p.Wrong, p.Cells[:min(3, len(p.Cells))])
			}
			stamp := p.Stamp
			p = imports.Plan{}
			if _, _, err := w.s.Apply(b.Context(), team, id, imports.Choice{Seen: stamp}); err != nil {
				b.Fatal(err)
			}
			at[3] = time.Now()
			if again := w.preview(w.uploadFile("grand.xlsx", file)); again.Unchanged != 16_000 {
				b.Fatalf("again: %d unchanged", again.Unchanged)
			}
			at[4] = time.Now()
			for i, name := range []string{"upload-s", "preview-s", "apply-s", "again-s"} {
				b.ReportMetric(at[i+1].Sub(at[i]).Seconds(), name)
			}
		})
		b.ReportMetric(float64(most)/(1<<20), "peak-MB")
	}
}
