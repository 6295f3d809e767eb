package dashboard

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
)

var (
	hrefs = regexp.MustCompile(`href="([^"]*)"`)
	ids   = regexp.MustCompile(` id="([^"]*)"`)
	tags  = regexp.MustCompile(`<[^>]*>`)
	loose = regexp.MustCompile(`</(a|strong|span)>\s+[,.]`)
)

// existing are the addresses a home may lead to.
var existing = regexp.MustCompile(`^(/|#contenu|#menu|mailto:inclusion@example\.org|/static/.*|/feuille-de-route|/equipe/feuille-de-route|/equipe/alertes\?type=[a-z-]+|/equipe/campagnes(/[0-9]+)?|/equipe/programmes|/feuille-de-route/proposer|/indicateurs|/mes-actions|/financements|` +
	`/tableau-de-bord|/mon-compte|/instances|` +
	`/instances/(cmtin|partenaires|gni|communes)|/communes(/33039)?|/deliberation(#gni)?|/equipe/sieges(/\d+|\?type=[a-z]+&etat=[a-z-]+)?|` +
	`/equipe/structures(\?etat=[a-z-]+(&fraicheur=[a-z-]+)?)?|/equipe/organisations|/equipe/instances|/equipe/personnes/\d+|/equipe/renouvellement-communes|/equipe/courriels(\?etat=failed)?|` +
	`(/equipe)?/reunions/\d+(/convocation|/compte-rendu|/validation|/relecture)?|/mes-reunions(/\d+|/actions|/propositions)?|` +
	`/equipe/reunions(/nouvelle(\?instance=[a-z]+)?|\?etape=compte-rendu)?|/equipe/(propositions|suivi)|` +
	`/administration/(comptes|comptes/inviter|journal)|` +
	`/elections|/equipe/elections|/ma-structure(/acces|/fiche/(adresse|services))?|` +
	`/plan-du-site|/accessibilite|/mentions-legales|/donnees-personnelles|/donnees-ouvertes|/aide(#nous-ecrire)?)$`)

// rendered returns a page, and the text of its main part.
func rendered(t *testing.T, s sample) (page, text string) {
	t.Helper()
	var b bytes.Buffer
	if err := s.page.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	_, main, ok := strings.Cut(b.String(), "<main")
	if !ok {
		t.Fatal("no <main>")
	}
	main, _, _ = strings.Cut(main, "</main>")
	_, main, _ = strings.Cut(main, ">")
	return b.String(), strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(main, " "))), " ")
}

func TestEveryHome(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			page, text := rendered(t, s)
			if n := strings.Count(page, "<h1"); n != 1 {
				t.Errorf("%d h1", n)
			}
			for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
				if href := html.UnescapeString(m[1]); !existing.MatchString(href) {
					t.Errorf("leads to %s, which does not exist", href)
				}
			}
			seen := map[string]bool{}
			for _, m := range ids.FindAllStringSubmatch(page, -1) {
				if seen[m[1]] {
					t.Errorf("two elements have the id %s", m[1])
				}
				seen[m[1]] = true
			}
			main, _, _ := strings.Cut(page[strings.Index(page, "<main"):], "</main>")
			if m := loose.FindString(main); m != "" {
				t.Errorf("a space stands before the mark: %s", m)
			}
			for _, node := range tags.Split(main, -1) {
				node = html.UnescapeString(node)
				if typeset := french.Typo(node); typeset != node || strings.Contains(node, "'") {
					t.Errorf("not typeset: %q, want %q", node, typeset)
				}
			}
			for _, bad := range []string{"0 siège ", "%!", "bientôt disponible", "à venir", "le le ", "de le "} {
				if strings.Contains(text, bad) {
					t.Errorf("the text holds %q: %s", bad, text)
				}
			}
		})
	}
}

// wants are sentences each home says, and, after « ! », does not say. Narrow and
// fixed spaces are written as plain ones.
var wants = map[string][]string{
	"team": {"Ce qui vous attend, lundi 23 novembre 2026.", "2 courriels n’ont pas pu être envoyés", "2 sièges de maire sont vacants", "1 siège de partenaire est vacant",
		"L’échéance du mandat d’Ali Modèle est passée depuis le 1er octobre 2026", "Le mandat d’Andrea Modèle prend fin le 8 janvier 2027",
		"3 mandats de partenaire prennent fin le 31 décembre 2026", "2e réunion du groupe des partenaires institutionnels : à convoquer au plus tard le 26 décembre 2026",
		"Réunion du groupe des partenaires institutionnels du 12 novembre 2026 : rien ne dit si elle s’est tenue",
		"Alix Un n’a pas d’adresse électronique", "12 personnes en fonction n’ont pas de compte", "Groupe Numérique Inclusif (GNI)", "Dernier jour pour convoquer", "!Rien à faire"},
	"team-idle":                {"Rien à faire aujourd’hui.", "Aucune date n’est fixée."},
	"chair":                    {"Vous présidez le groupe des partenaires institutionnels pour l’inclusion numérique et le comité des communes", "2e réunion à convoquer au plus tard le 26 décembre 2026.", "14 personnes pour 15 sièges, dont 1 à pourvoir.", "29 personnes pour 29 sièges. Tous sont pourvus.", "Agence fictive, Lou Deux, jusqu’au 31 décembre 2026", "Maire de Cenon, Andrea Modèle, échéance le 1er mars 2026", "Vous siégez aussi", "!Représentant du GNI"},
	"chair-none":               {"Vous ne présidez aucune instance aujourd’hui."},
	"admin":                    {"comptes actifs 214", "invitations en attente 12", "comptes désactivés 3", "2 courriels n’ont pas pu être envoyés", "1 234 écritures, la dernière le lundi 23 novembre 2026 à 9 h 05."},
	"admin-quiet":              {"courriel en échec 0", "!compte actif", "!pu être envoyé"},
	"mayor":                    {"Vous êtes maire de Bègles depuis le 28 mars 2026.", "Camille Exemple (vous)", "Noa Témoin Référente numérique", "Vous y siégez comme maire de Bègles.", "pour l’inclusion numérique (CMTIN) Mardi 8 décembre 2026", "La page publique de Bègles"},
	"mayor-over":               {"L’échéance du mandat est passée depuis le 1er octobre 2026.", "Prolongé"},
	"delegate":                 {"Vous agissez pour Bègles, aux côtés de Camille Maire, maire de Bègles.", "Camille Maire y siège comme maire de Bègles.", "!Votre siège"},
	"delegate-alternate":       {"Vous suppléez Camille Maire, maire de Bègles.", "Vous y suppléez Camille Maire."},
	"delegate-vacant":          {"dont le siège de maire est à pourvoir.", "Siège à pourvoir", "Le siège de Bègles y est à pourvoir."},
	"structure":                {"membre du Groupe Numérique Inclusif (GNI).", "Votre collège : action sociale", "Cinq représentants de l’action sociale siègent", "Zoé Élue Action sociale", "Suppléance : Max Second", "Se réunit trois fois par an.", "!Élue Médiation numérique"},
	"structure-representative": {"Vous y siégez au titre du GNI, collège action sociale."},
	"structure-gone":           {"qui n’a plus de siège au Groupe Numérique Inclusif (GNI).", "!Votre instance"},
	"partner":                  {"Vous représentez l’organisation « Caisse fictive » depuis le 1er février 2025.", "Le mandat prend fin le 31 décembre 2026.", "Vous y siégez pour votre organisation."},
	"partner-alternate":        {"Vous suppléez Lou Un, qui représente l’organisation « Caisse fictive ».", "Lou Un Titulaire", "Camille Exemple (vous)"},
	"partner-member":           {"Vous agissez pour un partenaire institutionnel : Caisse fictive.", "Lou Un y siège pour votre organisation.", "!Faites connaître"},
	"partner-gone":             {"qui n’a pas de siège aujourd’hui."},
	"state":                    {"Vous représentez l’État : Préfecture fictive.", "« en présence du représentant de l’État »", "En 2026 : la séance annuelle est prévue."},
	"scrutineer":               {"Aucune élection n’est en cours.", "Le vote s’ouvre, se prolonge et se dépouille à deux"},
	"former":                   {"Vous n’avez plus de mandat ni de rôle dans la gouvernance.", "Maire de Bègles , du 6 décembre 2024 au 28 mars 2026", "inclusion@example.org"},
	"former-unknown":           {"!exercé"},
}

func TestWhatEachHomeSays(t *testing.T) {
	t.Parallel()
	plainly := strings.NewReplacer(french.NBSP, " ", french.Narrow, " ")
	for _, s := range samples() {
		_, text := rendered(t, s)
		text = plainly.Replace(text)
		if len(wants[s.name]) == 0 {
			t.Errorf("%s: nothing is expected of it", s.name)
		}
		for _, w := range wants[s.name] {
			if not, ok := strings.CutPrefix(w, "!"); ok {
				if strings.Contains(text, not) {
					t.Errorf("%s says %q:\n%s", s.name, not, text)
				}
			} else if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q:\n%s", s.name, w, text)
			}
		}
	}
}

func TestTasksComeByUrgency(t *testing.T) {
	t.Parallel()
	d := teamSample()
	d.Seats = append(d.Seats, governance.KindCount{Kind: governance.Councillor, Seats: 1, Vacant: 1})
	d.Cadences[1].Late = true
	tasks := tasksOf(d)
	for i := 1; i < len(tasks); i++ {
		a, b := tasks[i-1], tasks[i]
		if a.Urgency > b.Urgency || a.Urgency == b.Urgency && b.Due.Before(a.Due) {
			t.Errorf("%q stands before %q", a.Label, b.Label)
		}
		if a.Urgency != coming && a.Urgency != someday && a.Status == "" {
			t.Errorf("%q does not say where it stands", a.Label)
		}
	}
	if tasks[0].Urgency != stopped || tasks[1].Urgency != stopped {
		t.Errorf("a body without its chair and lost mails come first: %+v", tasks[:2])
	}
}

func TestManyMandatesMakeOneLine(t *testing.T) {
	t.Parallel()
	var due []governance.DueMandate
	for i := range dueListed {
		due = append(due, governance.DueMandate{Seat: governance.SeatID(i + 1), Kind: governance.Mayor, Name: "Alix Un", On: monday.AddDays(10)})
	}
	got := mandates(due, coming)
	if len(got) != 1 || got[0].Href != renewalPath || !strings.HasPrefix(got[0].Label, "Au moins 20") {
		t.Errorf("28 mayors on one day: %+v", got)
	}
	if got = mandates(due[:2], overdue); len(got) != 2 || got[0].Href != "/equipe/sieges/1" {
		t.Errorf("two mayors: %+v", got)
	}
}

func TestPeopleAreNamedOnce(t *testing.T) {
	t.Parallel()
	d := governance.Dashboard{}
	d.NoEmail = governance.People{Count: 1, First: []governance.NamedPerson{{ID: 4, Name: "Alix Un"}}}
	d.NoAccount = d.NoEmail
	got := people(d)
	if len(got) != 1 || got[0].Href != "/equipe/personnes/4" {
		t.Errorf("one person without address nor account: %+v", got)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	c := governance.Cadence{Body: governance.GNI, Owed: 3, Held: 1, Missing: 2, LatestConvene: monday}
	for got, want := range map[string]string{
		missing(c):         "2e et 3e\u00a0réunions",
		toConvene(c):       "2e et 3e\u00a0réunions à convoquer au plus tard le 23 novembre 2026.",
		yearSoFar(c, 2026): "En 2026\u00a0: 1\u00a0réunion tenue sur 3, 2 sans date.",
		yearSoFar(governance.Cadence{Body: governance.CMTIN, Owed: 1}, 2026): "En 2026\u00a0: la séance annuelle n’a pas encore de date.",
		times(7):                 "7 fois par an",
		governance.Communes.Of(): "du Comité des communes",
		rhythms(nil):             "",
		missing(governance.Cadence{Body: governance.CMTIN, Owed: 1, Missing: 1}): "séance annuelle",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
