package sheet

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/roadmaptest"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/page/pagetest"
	rm "bordeaux-metropole.fr/portal/web/roadmap"
)

func newSite(t *testing.T) (*pagetest.Site, *roadmaptest.World) {
	t.Helper()
	w, s := roadmaptest.New(t), pagetest.New(t)
	p := &Pages{Kit: s.Kit, Roadmap: roadmap.New(w.DB)}
	s.Actor = w.Team
	const axis, one = rm.AxesPath + "/{id:[0-9]+}", rm.TeamListPath + "/actions/{id:[0-9]+}"
	for pattern, h := range map[string]page.Handler{
		"GET " + rm.TeamListPath: p.List, "GET " + rm.AxesPath: p.ListAxes, "GET " + newAxisPath: p.ShowNewAxis, "POST " + newAxisPath: p.AddAxis,
		"GET " + axis + "/modification": p.ShowAxis, "POST " + axis + "/modification": p.ChangeAxis, "POST " + axis + "/ordre": p.MoveAxis,
		"GET " + axis + "/retrait": p.ShowAxisRemoval, "POST " + axis + "/retrait": p.RemoveAxis,
		"GET " + newPath: p.ShowNew, "POST " + newPath: p.Add, "GET " + one: p.Show, "GET " + one + "/modification": p.ShowEdit, "POST " + one + "/modification": p.Edit,
		"GET " + one + "/etat": p.ShowStatus, "POST " + one + "/etat": p.ChangeStatus, "GET " + one + "/confiance": p.ShowConfidence,
		"POST " + one + "/confiance": p.ChangeConfidence, "GET " + one + "/historique": p.ShowHistory,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		s.Handle(method, path, h)
	}
	return s, w
}

var plainSpaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

// holds is Site.Holds whatever the spaces are, which uitest checks.
func holds(s *pagetest.Site, body string, wants ...string) {
	s.T.Helper()
	s.Holds(plainSpaces.Replace(body), wants...)
}

// TestActionFromProposalToPublic adds an action, fills its sheet, validates it and reads
// what the team's pages say of it at each step.
func TestActionFromProposalToPublic(t *testing.T) {
	t.Parallel()
	s, w := newSite(t)
	holds(s, s.Get(newPath, 200), "Caisse Exemple", "Camille Équipe", "Bègles", "Les 28 communes")
	sheet := []string{"axe", page.IDText(w.Axes[0]), "titre", "Prêter des téléphones", "instance", "gni", "perimetre", "choisies", "priorite", "haute"}
	body := s.Post(newPath, 422, append(sheet, "debut", "31/12/2027", "fin", "1/1/2027", "communes", page.IDText(w.Begles), "role_4", "Prête des salles")...)
	holds(s, body, "Prêter des téléphones", "Choisissez le partenaire", "Prête des salles", `href="#partenaire_4"`, "Partenaire 1")
	s.Lacks(body, "Partenaire 2")
	chosen := []string{"acte", "ligne", "titre", "", "partenaire_1", page.IDText(w.Partner), "role_1", "Finance"}
	body = s.Post(newPath, 200, chosen...) // one more line: nothing is kept, nothing is judged
	holds(s, body, "Partenaire 1", "Finance", "Partenaire 2", `value="`+page.IDText(w.Partner)+`" selected`)
	s.Lacks(body, "Donnez un titre", "Partenaire 3")
	holds(s, s.Post(newPath, 422, append(sheet, "debut", "31/12/2027", "fin", "1/1/2027")...), "La fin doit suivre le début")
	holds(s, s.Post(newPath, 422, append(sheet, "communes", strings.Repeat("9", 30), "pilote", "-3", "objectif", strings.Repeat("é", 100_000))...),
		"Choisissez des communes de la liste", "Choisissez une ligne de la liste", "gardez-en 2000")
	s.Post(newPath, 400, append(sheet, "statut", "realisee")...)
	desk := s.Post(newPath, http.StatusSeeOther, append(sheet, "pilote", page.IDText(w.Partner), "personne", page.IDText(w.PartnerPerson.Person),
		"communes", page.IDText(w.Begles), "partenaire_2", page.IDText(w.Pessac), "role_2", "Prête des salles")...)
	body = s.Get(desk, 200)
	holds(s, body, "Prêter des téléphones", "Pas visible du public", "Alex Partenaire", "Pessac (Prête des salles)", "4 points sur 12", "Renseigner l’objectif",
		desk+"/modification#objectif", desk+"/etapes", desk+"/indicateurs", desk+"/budget", desk+"/documents", desk+"/liens", desk+"/historique")

	version := func() string { return value(t, s.Get(desk+"/etat", 200)) }
	holds(s, s.Post(desk+"/etat", 422, "etat", "a-venir", "version", version()), "Dites ce qui valide")
	asked := []string{"etat", "a-venir", "validation", "Délibération n° 2026-40", "version", version()}
	holds(s, s.Post(desk+"/etat", 200, asked...), "Une action publiée le reste", "Délibération n° 2026-40")
	holds(s, s.Get(desk, 200), "Pas visible du public") // the page only asked
	s.Post(desk+"/etat", http.StatusSeeOther, append(asked, "verifie", "oui")...)
	holds(s, s.Get(desk, 200), "À venir", "par : Délibération n° 2026-40", `href="/feuille-de-route/actions/`)
	holds(s, s.Post(desk+"/etat", 409, "etat", "en-cours", "version", "1"), "Les deux versions")
	s.Post(desk+"/confiance", http.StatusSeeOther, "confiance", "appui-necessaire", "version", version())
	holds(s, s.Post(desk+"/confiance", 409, "confiance", "compromise", "version", "1"), "Les deux versions", "Compromise")
	holds(s, s.Get(desk+"/confiance", 200), "Le pilote ne peut pas lever seul la difficulté.")
	holds(s, s.Get(desk+"/historique", 200), "Action ajoutée à la feuille de route", "État d’une action", "Validée par", "Délibération n° 2026-40", "Groupe Numérique Inclusif (GNI)")
}

// value reads the version a form holds.
func value(t *testing.T, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `name="version" value="`)
	v, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal("the page holds no version")
	}
	return v
}

// TestTwoPeopleChangeASheet sends two forms filled from the same version: the second
// comes back with what both wrote.
func TestTwoPeopleChangeASheet(t *testing.T) {
	t.Parallel()
	s, w := newSite(t)
	at := rm.TeamPath(w.Local) + "/modification"
	read := s.Get(at, 200)
	holds(s, read, "Prêter des ordinateurs aux écoles", `value="choisies" checked`)
	form := func(title string, more ...string) []string {
		return append([]string{"version", value(t, read), "axe", page.IDText(w.Axes[1]), "titre", title, "instance", "communes", "perimetre", "toutes", "priorite", "basse"}, more...)
	}
	s.Post(at, http.StatusSeeOther, form("Le premier titre")...)
	body := s.Post(at, 409, form("Le second titre", "partenaire_1", page.IDText(w.Pessac))...)
	holds(s, body, "Les deux versions", "Le premier titre", "Le second titre", "Les 28 communes", "Identique")
	// A correction does not make up for the version: what somebody wrote meanwhile still shows.
	if again := value(t, s.Post(at, 422, form("")...)); again != value(t, read) {
		t.Errorf("after a mistake the form bears version %s, and %s was read", again, value(t, read))
	}
	if again := value(t, s.Post(at, 200, form("Titre", "acte", "ligne")...)); again != value(t, read) {
		t.Errorf("one more line, and version %s", again)
	}
	twice := []string{"partenaire_1", page.IDText(w.Pessac), "partenaire_2", page.IDText(w.Pessac)}
	read = s.Get(at, 200)
	holds(s, s.Post(at, 422, form("Titre", twice...)...), "Un partenaire est choisi deux fois", `href="#partenaire_1"`)
	holds(s, s.Post(at, 422, form("Titre", "pilote", page.IDText(w.Partner), "personne", page.IDText(w.Team.Person))...), "Choisissez une personne qui agit pour l’organisation pilote")
	s.Get(rm.TeamPath(1<<40), 404)
	s.Get(rm.TeamPath(1<<40)+"/modification", 404)
	s.Get(rm.TeamPath(1<<40)+"/historique", 404)
	s.Actor = w.MayorBegles
	s.Get(at, 403)
}

// TestListFiltersInItsAddress reads the team's list with its filters and its sorts.
func TestListFiltersInItsAddress(t *testing.T) {
	t.Parallel()
	s, w := newSite(t)
	body := s.Get(rm.TeamListPath, 200)
	holds(s, body, "4 actions", "En retard", "Proposée", "Il manque", rm.ImportPath, rm.AxesPath, rm.CampaignPath, rm.AlertsPath, newPath, "tri=completude", "Comité métropolitain territorial")
	body = s.Get(rm.TeamListPath+"?etat=en-retard&tri=-fin&axe="+page.IDText(w.Axes[1]), 200)
	holds(s, body, "1 action", "Prêter des ordinateurs", `aria-sort="descending"`, "Effacer les filtres", "tri=fin")
	s.Lacks(body, "Former les agents")
	holds(s, s.Get(rm.TeamListPath+"?q=%C3%A9coles+ordinateur", 200), "Prêter des ordinateurs")
	holds(s, s.Get(rm.TeamListPath+"?q=introuvable&axe=zz&pilote=99999999999999999999&confiance=x&etat=y&instance=z&tri=w&page=-4", 200), "Aucune action ne correspond")
	holds(s, s.Get(rm.TeamListPath+"?page=999999", 200), "Cette page de la liste est vide")
	s.Get(rm.TeamListPath+"?q=%00", 400)
	holds(s, s.Get(rm.TeamPath(w.Shared), 200), "Permanences ouvertes", "20 permanences fin "+strconv.Itoa(w.Today.Year()), "Reste à trouver", "15 000 €", "Jalon", "À faire", "Finance les permanences")
}

// TestAxesPages adds, changes, moves and removes an axis.
func TestAxesPages(t *testing.T) {
	t.Parallel()
	s, w := newSite(t)
	holds(s, s.Get(rm.AxesPath, 200), "Équiper et connecter", "Monter", "Descendre")
	s.Lacks(s.Get(newAxisPath, 200), `value="1"`) // the mark of another
	holds(s, s.Post(newAxisPath, 422, "titre", "", "marque", "12"), "Donnez un titre", "entre 1 et 8")
	s.Post(newAxisPath, http.StatusSeeOther, "titre", "Un quatrième axe", "strategie", "Le texte.", "marque", "7")
	body := s.Get(rm.AxesPath, 200)
	holds(s, body, "Un quatrième axe", "Couleur et motif n° 7", "/retrait")
	head, _, _ := strings.Cut(body, "/retrait")
	id := head[strings.LastIndex(head, "/")+1:]
	at := rm.AxesPath + "/" + id
	read := value(t, s.Get(at+"/modification", 200))
	s.Post(at+"/modification", http.StatusSeeOther, "titre", "Quatrième", "strategie", "", "marque", "8", "version", read)
	holds(s, s.Post(at+"/modification", 409, "titre", "Encore autre", "marque", "8", "version", read), "Les deux versions", "Encore autre", "Quatrième")
	holds(s, s.Post(at+"/modification", 422, "titre", "Quatrième", "marque", "2", "version", value(t, s.Get(at+"/modification", 200))), "Un autre axe porte déjà")
	s.Post(at+"/ordre", http.StatusSeeOther, "sens", "haut")
	s.Post(at+"/ordre", 400, "sens", "gauche")
	holds(s, s.Get(rm.AxesPath+"/"+page.IDText(w.Axes[1])+"/retrait", 200), "il ne peut pas être retiré")
	s.Post(at+"/retrait", 409, "version", "1")
	s.Post(at+"/retrait", http.StatusSeeOther, "version", value(t, s.Get(at+"/retrait", 200)))
	s.Get(at+"/modification", 404)
}
