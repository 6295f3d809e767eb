package imports_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/imports"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

const small = "Nom;SIRET;Commune;Téléphone;Services;Collège;Remarque\n" +
	"Atelier exemple du Lac;%s;Bègles;05 56 00 00 01;Aide aux démarches administratives;Médiation numérique;à voir\n" +
	"Maison exemple;;st médard en jalles;;;;\n"

func smallFile() string { return fmt.Sprintf(small, siret(1)) }

func TestMembersEnterOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.wants(w.bring(smallFile(), since), 2, 0, 0, 0)
	got := w.value(`SELECT string_agg(concat_ws(' ', o.name, s.state, s.origin, s.college, s.insee, s.phone, seat.college, lower(seat.during), t.kind, t.note), E'\n' ORDER BY o.name)
		FROM structure s JOIN organisation o ON o.id = s.organisation_id JOIN seat ON seat.organisation_id = o.id JOIN structure_step t ON t.structure_id = o.id
		WHERE s.origin = 'import' AND NOT s.publish_sheet AND NOT s.publish_contacts AND NOT s.share_national`)
	want := "Atelier exemple du Lac accepted import mediation_numerique 33039 +33556000001 mediation_numerique 2025-01-15 imported Fichier « essai.csv », membre du GNI depuis le 15 janvier 2025\n" +
		"Maison exemple accepted import action_sociale 33449  action_sociale 2025-01-15 imported Fichier « essai.csv », membre du GNI depuis le 15 janvier 2025"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := w.value(`SELECT string_agg(action || ' ' || (after->>'nouvelles'), ',') FROM audit_entry WHERE action LIKE 'structure.%'`); got != "structure.import 2" {
		t.Errorf("journal: %s", got)
	}
	again := w.bring(smallFile(), since)
	w.wants(again, 0, 0, 2, 0)
	if !again.Empty() || w.value(`SELECT count(*) FROM structure_step WHERE kind = 'imported'`) != "2" {
		t.Error("the same file again did something")
	}
}

func TestNewOnesWaitByDefault(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.bring(smallFile(), day.Day{})
	if got := w.value(`SELECT count(*) FILTER (WHERE state = 'submitted' AND submitted_at IS NOT NULL) || ' ' || count(seat.id)
		FROM structure s LEFT JOIN seat ON seat.organisation_id = s.organisation_id WHERE origin = 'import'`); got != "2 0" {
		t.Errorf("waiting, seats: %s", got)
	}
}

func TestChangeKeepsStateCollegeAndAgreements(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.bring(smallFile(), since)
	w.exec(`UPDATE structure SET publish_sheet = true WHERE siret = $1`, siret(1))
	p := w.bring("SIRET;Nom;Commune;Téléphone;Collège;Services\n"+siret(1)+";Atelier exemple du Port;Bordeaux;;Action sociale;\n", since)
	w.wants(p, 0, 1, 0, 0)
	if p.OtherCollege != 1 {
		t.Error("the other college is not told")
	}
	got := w.value(`SELECT concat_ws(' ', o.name, seat.label, s.insee, s.college, s.state, s.phone, s.publish_sheet, array_length(s.services, 1))
		FROM structure s JOIN organisation o ON o.id = s.organisation_id JOIN seat ON seat.organisation_id = o.id WHERE s.siret = $1`, siret(1))
	if got != "Atelier exemple du Port Atelier exemple du Port 33063 mediation_numerique accepted +33556000001 t 1" {
		t.Error(got)
	}
	if got := w.value(`SELECT note FROM structure_step WHERE kind = 'imported' ORDER BY id DESC LIMIT 1`); !strings.Contains(got, "Atelier exemple du Lac → Atelier exemple du Port") || !strings.Contains(got, "Bègles → Bordeaux") {
		t.Errorf("the story says %q", got)
	}
}

func TestWrongCells(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.bring("Nom;SIRET;Commune\nAncienne exemple;"+siret(7)+";Bègles\n", since)
	header := "Nom;SIRET;Commune;Code Insee;Code postal;Téléphone;Courriel;Services;Collège;Identifiant du portail;Postes\n"
	for line, want := range map[string]string{
		";" + siret(2) + ";Bègles":            "nom de la structure manque",
		"A;" + siret(2)[:13] + "5;Bègles":     "SIRET: ",
		"A;123456789;Bègles":                  "SIRET: 9 chiffres",
		"A;1,23457E+13;Bègles":                "SIRET: Le tableur",
		"A;;Paris":                            "Commune: Ce n’est pas une des 28",
		"A;;33000;;33000":                     "Commune: C’est un code postal",
		"A;;33200;;33200":                     "Commune: C’est un code postal",
		"A;;33800":                            "Commune: Ce n’est pas le code Insee",
		"A;;Bègles;33063":                     "Commune: Cette commune n’est pas celle",
		"A;;":                                 "Commune: La commune manque",
		"A;;Bègles;;;12":                      "Téléphone: ",
		"A;;Bègles;;;;pas une adresse":        "Courriel: ",
		"A;;Bègles;;;;;Coiffure":              "Services: ",
		"A;;Bègles;;;;;;Sport":                "Collège: Écrivez",
		"A;;Bègles;;;;;;;999999":              "Identifiant du portail: Aucune structure",
		"A;;Bègles;;;;;;;;beaucoup":           "Postes: Écrivez un nombre",
		"=HYPERLINK(\"x\");;Bègles":           "Nom: Un tableur",
		strings.Repeat("a", 201) + ";;Bègles": "Nom: Ce texte compte",
		"A;" + siret(3) + ";Bègles\nB;" + siret(3) + ";Bègles":                        "SIRET: Ce numéro est aussi à la ligne 3. | SIRET: Ce numéro est aussi à la ligne 2.",
		"Deux fois;;Bègles\nDEUX  FOIS;;begles":                                       "Nom: Ce nom, dans cette commune et sans identifiant, est aussi à la ligne 3. | Nom: Ce nom, dans cette commune et sans identifiant, est aussi à la ligne 2.",
		"Ancienne exemple;;Bègles\nAutre;" + siret(7) + ";Bègles":                     "parle déjà de cette structure",
		"<script>alert(1)</script>;;Le Haillan":                                       "",
		"A;;Haillan (Le);33200;33185":                                                 "",
		"Accents;000 000 000 00018;Villenave d'Ornon;;;0556000000":                    "",
		"B;;SAINT AUBIN DE MEDOC;;;;a@example.org;AIDE aux demarches administratives": "",
	} {
		p := w.preview(w.upload(header+line+"\n", since))
		var said []string
		for _, c := range p.Cells {
			if c.Line < 2 || c.Message == "" {
				t.Errorf("%q: %+v", line, c)
			}
			said = append(said, c.Column+": "+c.Message)
		}
		got := strings.Join(said, " | ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestAllOrNothingOrGoodLines(t *testing.T) {
	t.Parallel()
	w := setup(t)
	file := smallFile() + "Fausse;12;Bègles;;;;\n"
	id := w.upload(file, since)
	p := w.preview(id)
	w.wants(p, 2, 0, 0, 1)
	_, _, err := w.s.Apply(t.Context(), team, id, imports.Choice{Seen: p.Stamp})
	wantKind(t, "all with a wrong line", err, problem.Invalid)
	if got := w.value(`SELECT count(*) FROM structure WHERE origin = 'import'`); got != "0" {
		t.Fatalf("%s structures written", got)
	}
	if _, _, err := w.s.Apply(t.Context(), team, id, imports.Choice{Seen: p.Stamp, GoodOnly: true}); err != nil {
		t.Fatal(err)
	}
	i, err := w.s.Show(t.Context(), team, id)
	if err != nil || i.Outcome == nil || i.Outcome.New != 2 || i.Outcome.Wrong != 1 || len(i.Outcome.Added) != 2 || i.Outcome.Added[1].Name != "Maison exemple" {
		t.Errorf("outcome %+v, %v", i.Outcome, err)
	}
	_, _, err = w.s.Apply(t.Context(), team, id, imports.Choice{Seen: p.Stamp, GoodOnly: true})
	wantKind(t, "twice", err, problem.Conflict)
}

func TestRegisterThatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.upload(smallFile(), since)
	seen := w.preview(id)
	w.bring("Nom;SIRET;Commune\nAutre exemple;"+siret(1)+";Bègles\n", since)
	_, now, err := w.s.Apply(t.Context(), team, id, imports.Choice{Seen: seen.Stamp})
	wantKind(t, "apply what was shown before", err, problem.Conflict)
	w.wants(now, 1, 1, 0, 0)
	if now.Stamp == seen.Stamp || w.value(`SELECT count(*) FROM structure WHERE origin = 'import'`) != "1" {
		t.Error("something was written")
	}
}

func TestNearNamesAreTold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.bring("Nom;SIRET;Commune\nCentre social du Lac;"+siret(1)+";Bègles\nPartie exemple;"+siret(2)+";Bègles\n", since)
	w.exec(`UPDATE structure SET state = 'left' WHERE siret = $1`, siret(2))
	p := w.preview(w.upload("Nom;SIRET;Commune\nCentre social le Lac;"+siret(3)+";Bègles\nCentre social le Lac;"+siret(4)+";Bordeaux\nRevenue;"+siret(2)+
		";Bordeaux\nCentre social le lac bis;"+siret(5)+";Bordeaux\nMairie;;Bordeaux\n", since))
	w.wants(p, 5, 0, 0, 0)
	var got []string
	for _, l := range p.Lines {
		names := ""
		for _, n := range l.Near {
			names += fmt.Sprintf(" %s %d %s.", n.Name, n.Line, n.Note)
		}
		got = append(got, names)
	}
	want := []string{" Centre social du Lac 0 Membre du GNI.", "", " Partie exemple 0 Même SIRET, Partie.", " Centre social le Lac 3 .", ""}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d is near%s, want%s", i, got[i], want[i])
		}
	}
}

func TestSameNameIsTheSameStructure(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec(`WITH o AS (INSERT INTO organisation (kind, name) VALUES ('structure', 'Fiche d’avant') RETURNING id)
		INSERT INTO structure (organisation_id, state, origin, college) SELECT id, 'accepted', 'before', 'action_sociale' FROM o`)
	p := w.bring("Nom;SIRET;Commune\nFICHE D'AVANT;"+siret(1)+";Talence\n", since)
	w.wants(p, 0, 1, 0, 0)
	if !p.Lines[0].ByName {
		t.Error("found by its name, and not told")
	}
	if got := w.value(`SELECT siret || insee FROM structure WHERE origin = 'before' AND siret <> ''`); got != siret(1)+"33522" {
		t.Error(got)
	}
	w.wants(w.preview(w.upload("Nom;SIRET;Commune\nFiche d’avant;"+siret(2)+";Talence\n", since)), 1, 0, 0, 0)
}

func TestMappingIsChecked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, err := w.s.Upload(t.Context(), team, "x.csv", strings.NewReader("Nom;Nom;Ville;?\nA;B;Bègles;z\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = w.s.Preview(t.Context(), team, id)
	wantKind(t, "preview before the columns are said", err, problem.Conflict)
	i, err := w.s.Show(t.Context(), team, id)
	if err != nil {
		t.Fatal(err)
	}
	m := i.Known()
	if got := fmt.Sprint(m.Columns); got != "[nom_organisation  commune ]" {
		t.Errorf("guessed %s", got)
	}
	m.Columns[1], m.From = imports.Name, day.Today().AddDays(1)
	wrong, err := w.s.SetMapping(t.Context(), team, id, i.Version, m)
	var fields []string
	for _, e := range wrong {
		fields = append(fields, e.Field)
	}
	if got := strings.Join(fields, " "); err != nil || got != "colonne_2 college debut" {
		t.Errorf("wrong: %s, %v", got, err)
	}
	_, err = w.s.SetMapping(t.Context(), team, id, i.Version+1, m)
	wantKind(t, "stale", err, problem.Conflict)
	_, err = w.s.SetMapping(t.Context(), team, id, i.Version, imports.Mapping{Columns: m.Columns[:2]})
	wantKind(t, "other columns", err, problem.BadRequest)
}

func TestOnlyTheTeam(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.upload(smallFile(), since)
	ctx := t.Context()
	_, err := w.s.Upload(ctx, stranger, "x.csv", strings.NewReader(smallFile()))
	wantKind(t, "upload", err, problem.Forbidden)
	_, err = w.s.Show(ctx, stranger, id)
	wantKind(t, "show", err, problem.Forbidden)
	_, err = w.s.SetMapping(ctx, stranger, id, 2, imports.Mapping{})
	wantKind(t, "map", err, problem.Forbidden)
	_, _, err = w.s.Preview(ctx, stranger, id)
	wantKind(t, "preview", err, problem.Forbidden)
	_, _, err = w.s.Apply(ctx, stranger, id, imports.Choice{})
	wantKind(t, "apply", err, problem.Forbidden)
	_, err = w.s.Recent(ctx, stranger)
	wantKind(t, "list", err, problem.Forbidden)
	_, err = w.s.Show(ctx, team, id+1000)
	wantKind(t, "an import that is not", err, problem.NotFound)
}

func TestPrune(t *testing.T) {
	t.Parallel()
	w := setup(t)
	old, kept := w.upload(smallFile(), since), w.upload(smallFile(), since)
	w.exec(`UPDATE structure_import SET made_at = now() - interval '8 days' WHERE id = $1`, old)
	if n, err := w.s.Prune(t.Context()); n != 1 || err != nil {
		t.Errorf("%d pruned, %v", n, err)
	}
	if _, err := w.s.Show(t.Context(), team, kept); err != nil {
		t.Error(err)
	}
}

// Our own national file comes back without changing anything.
func TestNationalFileComesBack(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.bring("id;pivot;nom;commune;code_postal;code_insee;adresse;typologie;telephone;courriels;site_web;horaires;services;presentation_resume;source;latitude;longitude;modalites_acces;aladdin\n"+
		"autre-1;"+siret(1)+";Une exemple;Bègles;33130;33039;1 rue de l’Exemple;ASSO|CS;+33556000001;a@example.org|b@example.org;https://example.org;Mo-Fr 09:00-12:00;"+
		"Aide aux démarches administratives|Loisirs et créations numériques;En bref, avec une virgule;Hubik;44.8;-0.55;Se présenter|Téléphoner;relais\n"+
		";"+siret(2)+";Deux exemple;Bordeaux;33000;33063;2 rue de l’Exemple;;;;;;Parentalité et éducation avec le numérique;;;;;;\n", since)
	w.exec(`UPDATE structure SET publish_sheet = true, share_national = true, publish_contacts = siret <> $1, hours_text = '' WHERE origin = 'import'`, siret(1))
	places, err := w.structures.NationalPlaces(t.Context())
	if err != nil || len(places) != 2 {
		t.Fatalf("%d places, %v", len(places), err)
	}
	own := structure.NationalIDOf(structure.Sheet{ID: 12})
	if places[0].ID != "autre-1" || places[0].Phone != "" || len(places[0].Emails) > 0 || structure.OwnIDOf(places[1].ID) == 0 || structure.OwnIDOf(own) != 12 {
		t.Errorf("%+v", places)
	}
	var b bytes.Buffer
	if err := national.WriteCSV(&b, places); err != nil {
		t.Fatal(err)
	}
	p := w.preview(w.upload(b.String(), since))
	w.wants(p, 0, 0, 2, 0)
	if !p.Empty() {
		t.Errorf("changes %+v", p.Lines)
	}
}
