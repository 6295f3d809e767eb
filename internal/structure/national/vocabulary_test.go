package national

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// columnOf is the column of the schema that holds each list.
var columnOf = map[string]string{
	"typologie": "typology", "itinerance": "mobility", "services": "services", "publics_specifiquement_adresses": "audiences",
	"prise_en_charge_specifique": "special_care", "frais_a_charge": "fees", "dispositif_programmes_nationaux": "programmes",
	"formations_labels": "labels", "modalites_acces": "access_modes", "modalites_accompagnement": "support_modes",
}

type reference struct {
	Fields []struct {
		Name     string `json:"name"`
		Required bool   `json:"required"`
	} `json:"fields"`
	Enumerations map[string][]json.RawMessage `json:"enumerations"`
}

func readReference(t *testing.T) reference {
	t.Helper()
	content, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(content, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestColumnsAreTheStandards(t *testing.T) {
	t.Parallel()
	names := make([]string, 0, 32)
	for _, f := range readReference(t).Fields {
		names = append(names, f.Name)
	}
	if !slices.Equal(names, Columns) {
		t.Errorf("columns %q, of the standard %q", Columns, names)
	}
}

// TestListsAreTheStandards compares each list with the reference and with what the
// database accepts.
func TestListsAreTheStandards(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("../../../migrations/00012_structure.sql")
	if err != nil {
		t.Fatal(err)
	}
	enumerations := readReference(t).Enumerations
	if len(enumerations) != len(closed) {
		t.Errorf("%d lists, %d in the standard", len(closed), len(enumerations))
	}
	for column, raw := range enumerations {
		var values []string
		for _, r := range raw {
			var code struct {
				Code string `json:"code"`
			}
			value := ""
			if json.Unmarshal(r, &value) != nil && json.Unmarshal(r, &code) == nil {
				value = code.Code
			}
			values = append(values, value)
		}
		if got := closed[column].Values(); !slices.Equal(got, values) {
			t.Errorf("%s: %q, in the standard %q", column, got, values)
		}
		check := regexp.MustCompile(`(?s)CONSTRAINT structure_` + columnOf[column] + `_check CHECK \(\w+ <@ ARRAY\[(.*?)\]\)`).FindSubmatch(schema)
		if check == nil {
			t.Errorf("%s: no constraint structure_%s_check", column, columnOf[column])
			continue
		}
		var allowed []string
		for _, m := range regexp.MustCompile(`'((?:[^']|'')*)'`).FindAllSubmatch(check[1], -1) {
			allowed = append(allowed, strings.ReplaceAll(string(m[1]), "''", "'"))
		}
		if !slices.Equal(allowed, values) {
			t.Errorf("%s: the database accepts %q, the standard %q", column, allowed, values)
		}
	}
}

// TestTypologyLabels compares the words shown with those of the standard.
func TestTypologyLabels(t *testing.T) {
	t.Parallel()
	for _, raw := range readReference(t).Enumerations["typologie"] {
		var term struct{ Code, Label string }
		if err := json.Unmarshal(raw, &term); err != nil {
			t.Fatal(err)
		}
		if got := Typologies.Label(term.Code); key(got) != key(term.Label) {
			t.Errorf("%s: %q, in the standard %q", term.Code, got, term.Label)
		}
	}
}

func TestVocabularyMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		list  Vocabulary
		typed string
		want  string
	}{
		{Services, "aide aux demarches administratives", "Aide aux démarches administratives"},
		{Services, "  Aide aux démarches\u00a0administratives ", "Aide aux démarches administratives"},
		{Services, "Prendre en main un ordinateur", "Maîtrise des outils numériques du quotidien"},
		{Services, "Comprehension du monde numérique", "Compréhension du monde numérique"},
		{Fees, "Gratuit : Je peux accéder gratuitement au lieu et à ses services", "Gratuit"},
		{Fees, "Gratuit sous condition : la gratuité est conditionnée", "Gratuit sous condition"},
		{Programmes, "Point d’accès numérique CAF", "Point d'accès numérique CAF"},
		{Programmes, "conseiller numérique", "Conseillers numériques"},
		{Labels, "Étapes numériques(La Poste)", "Étapes numériques (La Poste)"},
		{Labels, "Formé à \"DUPLEX\" (illetrisme)", "Formé à « DUPLEX » (illettrisme)"},
		{AccessModes, "Ce lieu n’accueille pas de public", "Ce lieu n'accueille pas de public"},
		{SupportModes, "A distance", "À distance"},
		{Typologies, "tiers_lieux", "TIERS_LIEUX"},
		{Typologies, "Centre socioculturel", "CSC"},
		{Typologies, "es", "ES"},
		{Services, "Autre chose", ""},
		{Services, "", ""},
		{Fees, ":", ""},
		{nil, "Gratuit", ""},
	} {
		if got, ok := c.list.Match(c.typed); got != c.want || ok != (c.want != "") {
			t.Errorf("Match(%q) = %q, %v, want %q", c.typed, got, ok, c.want)
		}
	}
}

// TestVocabularyMatchesItself: no value, slug or label is taken for another one's.
func TestVocabularyMatchesItself(t *testing.T) {
	t.Parallel()
	spelled := map[string]bool{}
	for _, list := range closed {
		for _, term := range list {
			spelled[term.Value] = true
			spellings := append([]string{strings.ToUpper(term.Value), term.Slug}, olderSpellings[term.Value]...)
			if term.Value != "EATT" { // the standard gives it the label of EA
				spellings = append(spellings, term.Label)
			}
			for _, s := range spellings {
				if got, _ := list.Match(s); got != term.Value {
					t.Errorf("%q is taken for %q, not %q", s, got, term.Value)
				}
			}
		}
	}
	for value := range olderSpellings {
		if !spelled[value] {
			t.Errorf("older spellings of %q, which no list has", value)
		}
	}
}
