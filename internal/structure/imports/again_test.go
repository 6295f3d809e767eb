package imports_test

import (
	"fmt"
	"testing"

	"bordeaux-metropole.fr/portal/internal/structure/imports"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// TestEveryNationalColumnIsRecognised: nothing of a national file is left out unseen.
func TestEveryNationalColumnIsRecognised(t *testing.T) {
	t.Parallel()
	for i, f := range imports.Guess(national.Columns).Columns {
		if f == imports.Ignored {
			t.Errorf("« %s » is not recognised", national.Columns[i])
		}
	}
}

// TestGoneStructures: a list of ours that comes back does not register again who has
// left; what was changed there is told.
func TestGoneStructures(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.bring(smallFile(), since)
	id := w.value(`SELECT organisation_id::text FROM structure WHERE siret = $1`, siret(1))
	name := w.value(`SELECT name FROM organisation WHERE id = $1::bigint`, id)
	commune := w.value(`SELECT insee FROM structure WHERE organisation_id = $1::bigint`, id)
	w.exec(`UPDATE structure SET state = 'left' WHERE organisation_id = $1::bigint`, id)
	file := func(id, name string) string {
		return fmt.Sprintf("Identifiant;Structure;SIRET;Code Insee\n%s;%s;%s;%s\n", id, name, siret(1), commune)
	}
	w.wants(w.preview(w.upload(file(id, name), since)), 0, 0, 1, 0)
	p := w.preview(w.upload(file(id, "Un autre nom"), since))
	w.wants(p, 0, 0, 0, 1)
	if len(p.Cells) != 1 || p.Cells[0].Column != "Identifiant" {
		t.Errorf("told %+v", p.Cells)
	}
	// It may come back: as a new record, beside which the old one is a line of its own.
	p = w.bring(file("", name), since)
	w.wants(p, 1, 0, 0, 0)
	again := w.value(`SELECT organisation_id::text FROM structure WHERE siret = $1 AND state = 'accepted'`, siret(1))
	w.wants(w.preview(w.upload(file(id, name)+fmt.Sprintf("%s;%s;%s;%s\n", again, name, siret(1), commune), since)), 0, 0, 2, 0)
	w.wants(w.preview(w.upload(file("999999", name), since)), 0, 0, 0, 1)
}
