package account

import (
	"strconv"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/throttle"
)

// How tries are limited (ASVS 6.1.1), before any password is hashed. Nobody is
// ever locked out: a limit is on one account from one place, so strangers trying a
// person's account do not keep that person away; a browser that already signed in
// counts apart even behind the same address; and a success gives back what it took.
var (
	limitPair         = throttle.Limit{Name: "sign_in", Max: 10}          // one account, one address (or known browser)
	limitAddress      = throttle.Limit{Name: "sign_in_address", Max: 100} // failures of one address, all accounts
	limitCode         = throttle.Limit{Name: "code", Max: 20}             // second steps of one account; the password was right
	limitReset        = throttle.Limit{Name: "reset", Max: 3}             // mails of one account
	limitResetAddress = throttle.Limit{Name: "reset_address", Max: 20}    // requests of one address
	limitPassword     = throttle.Limit{Name: "password", Max: 10}         // current password asked again inside a session
)

func idText(id access.AccountID) string { return strconv.FormatInt(int64(id), 10) }

func codeKey(id access.AccountID) throttle.Key { return limitCode.On(idText(id)) }
