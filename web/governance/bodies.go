package governance

import (
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/web/ui"
)

// bodyCard is one of the four bodies on /instances.
type bodyCard struct {
	Name, Href, Role, Seats string
	ChairKey, Chair         string
	Meeting                 string // what its meetings are called
	Kind                    ui.Kind
	Status, Cadence         string
	Last, Next              string // "" for none
}

// bodyCards is the two levels of the governance.
type bodyCards struct{ Top, Base []bodyCard }

func newBodyCards(bodies []governance.BodySummary) bodyCards {
	var v bodyCards
	for _, b := range bodies {
		n := names[b.Code]
		c := bodyCard{Name: b.Code.Full(), Href: bodyHref(b.Code), Meeting: n.meeting, Role: n.role, ChairKey: "Animation", Chair: "Les équipes de la Métropole", Seats: seats(b.Code, b.Counts)}
		if b.Chair != nil {
			c.ChairKey, c.Chair = "Présidence", chairName(b.Chair.Name())+", "+n.chairs
		}
		c.Kind, c.Status = cadenceState(b.Cadence)
		c.Cadence = french.Count(b.Cadence.Owed, n.meeting, n.meets) + " par an ; cette année, " + heldWords(b.Cadence.Held) + "."
		if b.Cadence.Missing > 0 {
			c.Cadence = cadenceSentence(b.Cadence, b.Cadence.LatestConvene.Year())
		}
		if b.Last != nil {
			c.Last = french.Date(b.Last.Day())
		}
		if b.Next != nil {
			c.Next = when(*b.Next)
		}
		if b.Code == governance.CMTIN {
			v.Top = append(v.Top, c)
		} else {
			v.Base = append(v.Base, c)
		}
	}
	return v
}

func heldWords(n int) string {
	if n == 0 {
		return "aucune encore tenue"
	}
	return french.Count(n, "tenue", "tenues")
}

// chairName is a name, or what is said of an empty chair.
func chairName(name string) string {
	if name == "" {
		return "siège à pourvoir"
	}
	return name
}
