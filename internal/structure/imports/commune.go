package imports

import (
	"strings"
)

// places finds the communes by what people write.
type places struct {
	codes map[string]string // folded name or code → INSEE
	names map[string]string // INSEE → name
}

func communeIndex(communes []CommuneName) places {
	p := places{map[string]string{}, map[string]string{}}
	for _, c := range communes {
		p.codes[c.INSEE], p.codes[communeFold(c.Name)] = c.INSEE, c.INSEE
		p.names[c.INSEE] = c.Name
	}
	return p
}

// communeFold forgives what people do to the names of communes: accents, case,
// hyphens, « St » for « Saint », the article put after or left out.
func communeFold(s string) string {
	if name, article, ok := strings.Cut(s, "("); ok { // « Bouscat (Le) »
		if a := fold(article); a == "le" || a == "la" || a == "les" {
			s = name
		}
	}
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

// readCommune reads the commune of a line, by its code or its name, never by the
// postal code: 33200 is the postal code of a part of Bordeaux and the Insee code of
// Le Haillan.
func (p *planner) readCommune(k *key) {
	for _, f := range []Field{INSEE, Commune} {
		typed := p.value(k.row, f)
		if typed == "" {
			continue
		}
		insee := p.codes[communeFold(typed)]
		digits := strings.Trim(typed, "0123456789") == ""
		switch {
		case digits && typed == p.value(k.row, PostalCode):
			k.wrong = append(k.wrong, p.bad(k.row, f, "C’est un code postal : il ne dit pas la commune. Écrivez son nom ou son code Insee."))
		case insee == "" && digits:
			k.wrong = append(k.wrong, p.bad(k.row, f, "Ce n’est pas le code Insee d’une des 28 communes de la métropole (un code postal ne dit pas la commune)."))
		case insee == "":
			k.wrong = append(k.wrong, p.bad(k.row, f, "Ce n’est pas une des 28 communes de la métropole."))
		case k.insee != "" && k.insee != insee:
			k.wrong = append(k.wrong, p.bad(k.row, f, "Cette commune n’est pas celle du code Insee de la ligne."))
		default:
			k.insee = insee
		}
	}
}
