// Package campaign is the pages of the campaigns of the team and the pack of the meeting.
package campaign

import (
	"bordeaux-metropole.fr/portal/internal/printing"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/web/page"
)

// Pages answers for them.
type Pages struct {
	Kit       *page.Kit
	Campaigns *campaign.Service
	Printer   *printing.Printer
}
