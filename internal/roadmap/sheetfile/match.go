package sheetfile

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// found is an organisation or a person that bears a name of the file, or, Near, one
// that looks like it.
type found struct {
	Typed string `db:"typed"`
	ID    int64  `db:"id"`
	Name  string `db:"name"`
	Near  bool   `db:"near"`
}

// present is an action of the roadmap.
type present struct {
	Number int    `db:"number"`
	Title  string `db:"title"`
	Axis   string `db:"axis"`
}

// town is a commune.
type town struct {
	ID    roadmap.OrganisationID `db:"id"`
	INSEE string                 `db:"insee"`
	Name  string                 `db:"name"`
}

// known is what the portal knows that a file may name.
type known struct {
	organisations, people map[string][]found // by name as typed
	towns                 map[string]town    // by folded name and INSEE code
	axes                  []roadmap.Axis
	numbers               map[int]present
	titles                map[string]present // axis and title, folded
}

// nearShown is how many names that look alike are told, nearSought for how many names
// they are looked for: each costs a search.
const (
	nearShown  = 3
	nearSought = 50
)

// learn asks in one round trip what the names of a file stand for.
func learn(ctx context.Context, q sender, organisations, people []string) (known, error) {
	var (
		b      postgres.Batch
		k      = known{map[string][]found{}, map[string][]found{}, map[string]town{}, nil, map[int]present{}, map[string]present{}}
		orgs   []found
		folk   []found
		towns  []town
		actual []present
	)
	postgres.AddList(&b, &orgs, `
		WITH n AS (SELECT DISTINCT typed FROM unnest($1::text[]) AS u(typed)),
		same AS (SELECT n.typed, o.id, o.name FROM n JOIN organisation o ON fold(o.name) = fold(n.typed)),
		lost AS (SELECT typed FROM n WHERE typed NOT IN (SELECT typed FROM same) LIMIT $2)
		SELECT typed, id, name, false AS near FROM same
		UNION ALL
		SELECT l.typed, o.id, o.name, true FROM lost l
		CROSS JOIN LATERAL (SELECT id, name FROM organisation WHERE fold(name) % fold(l.typed)
		                    ORDER BY similarity(fold(name), fold(l.typed)) DESC, id LIMIT $3) o`, organisations, nearSought, nearShown)
	postgres.AddList(&b, &folk, `
		WITH n AS (SELECT DISTINCT typed FROM unnest($1::text[]) AS u(typed)),
		same AS (SELECT n.typed, p.id, p.first_name || ' ' || p.last_name AS name FROM n JOIN person p ON fold(p.first_name || ' ' || p.last_name) = fold(n.typed)),
		lost AS (SELECT typed FROM n WHERE typed NOT IN (SELECT typed FROM same) LIMIT $2)
		SELECT typed, id, name, false AS near FROM same
		UNION ALL
		SELECT l.typed, p.id, p.name, true FROM lost l
		CROSS JOIN LATERAL (SELECT id, first_name || ' ' || last_name AS name FROM person
		                    WHERE similarity(fold(first_name || ' ' || last_name), fold(l.typed)) > 0.3
		                    ORDER BY similarity(fold(first_name || ' ' || last_name), fold(l.typed)) DESC, id LIMIT $3) p`, people, nearSought, nearShown)
	postgres.AddList(&b, &towns, `SELECT o.id, c.insee, o.name FROM commune c JOIN organisation o ON o.id = c.organisation_id`)
	postgres.AddList(&b, &actual, `SELECT a.number, a.title, x.title AS axis FROM roadmap_action a JOIN axis x ON x.id = a.axis_id`)
	roadmap.AddAxes(&b, &k.axes)
	if err := b.Run(ctx, q); err != nil {
		return k, postgres.Wrap(err, "what a file of the roadmap names")
	}
	k.take(orgs, folk, towns, actual)
	return k, nil
}

func (k *known) take(orgs, folk []found, towns []town, actual []present) {
	for _, f := range orgs {
		k.organisations[f.Typed] = append(k.organisations[f.Typed], f)
	}
	for _, f := range folk {
		k.people[f.Typed] = append(k.people[f.Typed], f)
	}
	for _, t := range towns {
		k.towns[townKey(t.Name)], k.towns[t.INSEE] = t, t
	}
	for _, a := range actual {
		k.numbers[a.Number], k.titles[titleKey(a.Axis, a.Title)] = a, a
	}
}

func titleKey(axis, title string) string { return fold(axis) + "\x00" + fold(title) }

// townKey forgives what people do to the names of communes: « St » for « Saint », the
// article left out.
func townKey(s string) string {
	words := strings.Fields(fold(s))
	for i, w := range words {
		switch w {
		case "st":
			words[i] = "saint"
		case "ste":
			words[i] = "sainte"
		}
	}
	if len(words) > 1 && (words[0] == "le" || words[0] == "la" || words[0] == "les") {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// identified is the end of a name that several bear: « Mairie [n° 12] ».
var identified = regexp.MustCompile(`^(.*\S) \[n° ?([0-9]{1,18})\]$`)

// bare parts a name from its identifier, 0 when it bears none.
func bare(name string) (string, int64) {
	if m := identified.FindStringSubmatch(name); m != nil {
		id, _ := strconv.ParseInt(m[2], 10, 64)
		return m[1], id
	}
	return name, 0
}

// one returns who bears the name typed in the cell; what is not known, or is not one,
// is an error of the cell.
func (l *line) one(column int, name string, all map[string][]found) int64 {
	if name == "" {
		return 0
	}
	name, id := bare(name)
	var same []found
	var near []string
	for _, f := range all[name] {
		switch {
		case f.Near:
			near = append(near, "« "+f.Name+" »")
		case id == 0 || f.ID == id:
			same = append(same, f)
		}
	}
	switch {
	case len(same) == 1:
		return same[0].ID
	case len(same) > 1:
		choices := make([]string, min(len(same), nearShown))
		for i := range choices {
			choices[i] = "« " + numbered(same[i].Name, same[i].ID) + " »"
		}
		l.fail(column, "Plusieurs portent ce nom : précisez en écrivant "+french.Either(choices)+".")
	case len(near) > 0:
		l.fail(column, "« "+clip(name, 80)+" » n’est pas dans le portail. Est-ce "+french.Either(near)+" ?")
	default:
		l.fail(column, "« "+clip(name, 80)+" » n’est pas dans le portail : vérifiez le nom, ou ajoutez d’abord cette fiche.")
	}
	return 0
}

func (l *line) organisation(column int, k known) roadmap.OrganisationID {
	return roadmap.OrganisationID(l.one(column, l.cells[column], k.organisations))
}

func (l *line) person(column int, k known) access.PersonID {
	return access.PersonID(l.one(column, l.cells[column], k.people))
}
