package page

import (
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Pager leads to the other pages of a list: base is its address with its filters,
// shown how many lines this page has, « 51 à 100 sur 160 sièges » what it says.
func Pager(pg postgres.Paging, base string, shown int, singular, plural string) ui.Pager {
	v := ui.Pager{}
	if pg.Pages > 1 {
		v.Current, v.Last, v.Base = pg.Page, pg.Pages, PagerBase(base)
	}
	if pg.Total == 0 || shown == 0 {
		return v
	}
	v.Summary = french.Count(pg.Total, singular, plural)
	if pg.Pages > 1 {
		first := (pg.Page-1)*postgres.PageLength + 1
		v.Summary = french.Number(first) + " à " + french.Number(first+shown-1) + " sur " + v.Summary
	}
	return v
}
