package indicator

import (
	"net/http"
	"slices"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/structure/network"
	"bordeaux-metropole.fr/portal/web/export"
	"bordeaux-metropole.fr/portal/web/page"
)

// Advisers shows /equipe/structures/conseillers-numeriques: posts by structure and
// by commune.
func (p *Pages) Advisers(w http.ResponseWriter, r *http.Request) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	a, err := p.Network.Advisers(r.Context(), page.Actor(r), page.Number(q))
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, advisersPage(p.Kit.Chrome(r, teamChrome("Conseillers numériques")), a))
}

// AdvisersFile answers /equipe/structures/conseillers-numeriques.{ext}.
func (p *Pages) AdvisersFile(w http.ResponseWriter, r *http.Request) error {
	format, _, err := asked(r)
	if err != nil {
		return err
	}
	a, err := p.Network.Advisers(r.Context(), page.Actor(r), postgres.AllPages)
	if err != nil {
		return err
	}
	t := file("Postes de conseillers numériques", "conseillers-numeriques", a.Today,
		export.Column{Key: "structure", Heading: "Structure", Width: 44}, export.Column{Key: "commune", Heading: "Commune", Width: 28},
		export.Column{Key: "code_insee", Heading: "Code Insee"}, export.Column{Key: "postes", Heading: "Postes déclarés", Kind: export.NumberKind})
	for _, l := range a.Lines {
		t.Rows = append(t.Rows, []export.Cell{export.Text(l.Name), export.Text(l.Commune), export.Text(l.INSEE), export.Int(l.Posts)})
	}
	return export.Send(w, format, t)
}

// Communes shows /equipe/structures/communes: structures by commune, today and over
// time; those without any first.
func (p *Pages) Communes(w http.ResponseWriter, r *http.Request) error {
	o, err := p.Network.ByCommune(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	return p.Kit.Show(w, r, http.StatusOK, communesPage(p.Kit.Chrome(r, teamChrome("Structures par commune")), o))
}

// CommunesFile answers /equipe/structures/communes.{ext}: a line per day and commune.
func (p *Pages) CommunesFile(w http.ResponseWriter, r *http.Request) error {
	format, _, err := asked(r)
	if err != nil {
		return err
	}
	o, err := p.Network.ByCommune(r.Context(), page.Actor(r))
	if err != nil {
		return err
	}
	t := file("Structures du GNI par commune", "structures-par-commune", o.Today(),
		export.Column{Key: "date", Heading: "Date", Kind: export.DayKind}, export.Column{Key: "commune", Heading: "Commune", Width: 28},
		export.Column{Key: "code_insee", Heading: "Code Insee"}, export.Column{Key: "population", Heading: "Habitants", Kind: export.NumberKind},
		export.Column{Key: "action_sociale", Heading: "Action sociale", Kind: export.NumberKind},
		export.Column{Key: "mediation_numerique", Heading: "Médiation numérique", Kind: export.NumberKind},
		export.Column{Key: "total", Heading: "Total", Kind: export.NumberKind},
		export.Column{Key: "pour_10000_habitants", Heading: "Pour 10 000 habitants", Kind: export.NumberKind})
	for _, on := range slices.Backward(o.Days) {
		for _, c := range o.Communes {
			n := o.Count(on, "", c.INSEE)
			t.Rows = append(t.Rows, []export.Cell{export.Day(on), export.Text(c.Name), export.Text(c.INSEE), export.Int(c.Population),
				export.Int(o.Count(on, governance.SocialAction, c.INSEE)), export.Int(o.Count(on, governance.DigitalMediation, c.INSEE)),
				export.Int(n), export.Number(perTenThousand(n, c.Population))})
		}
	}
	return export.Send(w, format, t)
}

// emptyFirst puts the communes that have no structure today before the others.
func emptyFirst(o network.OverTime) []network.CommuneOnMap {
	empty := func(c network.CommuneOnMap) bool { return o.Count(o.Today(), "", c.INSEE) == 0 }
	out := slices.Clone(o.Communes)
	slices.SortStableFunc(out, func(a, b network.CommuneOnMap) int {
		switch {
		case empty(a) == empty(b):
			return 0
		case empty(a):
			return -1
		}
		return 1
	})
	return out
}

// withoutSentence says how many communes have none.
func withoutSentence(n int) string {
	if n == 0 {
		return "Chaque commune a au moins une structure du GNI."
	}
	return french.Count(n, "commune n’a", "communes n’ont") + " aucune structure du GNI" + french.NBSP + ":"
}
