package imports

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// NationalFile answers /structures/lieux-mediation-numerique.{ext}: the structures that
// agreed to it, in the national standard of places of digital mediation.
func (p *Pages) NationalFile(w http.ResponseWriter, r *http.Request) error {
	format, ok := export.ParseFormat(chi.URLParam(r, "ext"))
	if !ok || format == export.XLSX {
		return page.ErrNotFound
	}
	places, err := p.Structures.NationalPlaces(r.Context())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if format == export.JSON {
		err = national.WriteJSON(&b, places)
	} else {
		err = national.WriteCSV(&b, places)
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", format.ContentType())
	h.Set("Content-Disposition", export.Disposition("lieux-mediation-numerique-bordeaux-metropole."+string(format)))
	// Asked anew each time, since a structure may withdraw its agreement; sent anew only
	// when it has changed, since maps come back every night.
	sum := sha256.Sum256(b.Bytes())
	h.Set("Cache-Control", "no-cache")
	h.Set("Etag", `"`+hex.EncodeToString(sum[:12])+`"`)
	h.Set("Link", `<`+export.LicenceURL+`>; rel="license"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Bytes()))
	return nil
}

// gapsShown is how many structures the page of gaps names.
const gapsShown = 200

// ShowNational shows /equipe/structures/fichier-national: what keeps a structure that
// agreed to it out of the national file.
func (p *Pages) ShowNational(w http.ResponseWriter, r *http.Request) error {
	in, gaps, err := p.Structures.NationalGaps(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	c := ui.Chrome{Title: "Le fichier national", Section: "Équipe", Crumbs: []ui.Crumb{{Label: "Tableau de bord", Href: "/tableau-de-bord"}}}
	return p.Kit.Show(w, r, http.StatusOK, nationalPage(p.Kit.Chrome(r, c), in, gaps))
}

// split parts the gaps in two: whole structures, and parts of a sheet.
func split(gaps []structure.NationalGap) (out, partly []structure.NationalGap) {
	n := slices.IndexFunc(gaps, func(g structure.NationalGap) bool { return !g.Out })
	if n < 0 {
		n = len(gaps)
	}
	return gaps[:n], gaps[n:]
}

func send(w http.ResponseWriter, format export.Format, name string, content []byte) error {
	h := w.Header()
	h.Set("Content-Type", format.ContentType())
	h.Set("Content-Disposition", export.Disposition(name))
	h.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // the reader left: nothing to tell it
	return nil
}

// modelColumns are the headings of the model, and a line that is plainly no structure.
var modelColumns = [][2]string{
	{"Nom de la structure", "Structure d’exemple (ligne à effacer)"}, {"SIRET", "00000000000018"}, {"Collège", "Médiation numérique"},
	{"Commune", "Bègles"}, {"Adresse", "1 rue de l’Exemple"}, {"Code postal", "33130"}, {"Type de structure", "ASSO"},
	{"Téléphone", "05 00 00 00 00"}, {"Adresses électroniques", "contact@example.org"}, {"Sites web", "https://www.example.org"},
	{"Services", "Aide aux démarches administratives | Maîtrise des outils numériques du quotidien"},
	{"Présentation courte", "Cette ligne montre comment remplir le fichier."}, {"Horaires d’ouverture, en clair", "du lundi au vendredi de 9h à 12h"},
	{"Rôle dans le réseau Aladdin", "Pas membre"}, {"Postes de conseillers numériques", "0"},
}

// ModelFile answers /equipe/structures/import/modele.csv: the headings an import
// recognises, and one line of example.
func (p *Pages) ModelFile(w http.ResponseWriter, _ *http.Request) error {
	t := export.Table{Title: "Modèle d’import de structures"}
	line := make([]export.Cell, len(modelColumns))
	for i, c := range modelColumns {
		t.Columns = append(t.Columns, export.Column{Key: strconv.Itoa(i), Heading: c[0]})
		line[i] = export.Text(c[1])
	}
	t.Rows = [][]export.Cell{line}
	var b bytes.Buffer
	if err := export.Write(&b, export.CSV, t); err != nil {
		return err
	}
	return send(w, export.CSV, "modele-import-structures.csv", b.Bytes())
}
