package belenios

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// anyResidue draws a number below p, edges and sparse ones often.
func anyResidue(t *rapid.T, name string) *big.Int {
	edges := []*big.Int{
		big.NewInt(0), big.NewInt(1), new(big.Int).Sub(groupP, big.NewInt(1)), groupG, groupQ,
		new(big.Int).Lsh(big.NewInt(1), 2047), new(big.Int).Rsh(groupP, 1),
	}
	if i := rapid.IntRange(0, 2*len(edges)).Draw(t, name+" edge"); i < len(edges) {
		return new(big.Int).Set(edges[i])
	}
	raw := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte{0, 0xff})), 0, 256).Draw(t, name)
	return new(big.Int).Mod(new(big.Int).SetBytes(raw), groupP)
}

// TestArithmetic compares with math/big.
func TestArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, y := anyResidue(t, "x"), anyResidue(t, "y")
		var a, b, product, square element
		a.set(x)
		b.set(y)
		if a.big().Cmp(x) != 0 {
			t.Fatalf("%v comes back as %v", x, a.big())
		}
		product.mul(&a, &b)
		if want := residue(new(big.Int).Mul(x, y)); product.big().Cmp(want) != 0 {
			t.Fatalf("%v·%v = %v, not %v", x, y, product.big(), want)
		}
		square.square(&a)
		if want := residue(new(big.Int).Mul(x, x)); square.big().Cmp(want) != 0 {
			t.Fatalf("%v² = %v, not %v", x, square.big(), want)
		}
	})
}

// TestPowers compares every way of raising with math/big.
func TestPowers(t *testing.T) {
	t.Parallel()
	fixedBase := new(big.Int).Sub(groupP, big.NewInt(5))
	var fixed element
	fixed.set(fixedBase)
	tables := newBases(&fixed)
	rapid.Check(t, func(t *rapid.T) {
		base := anyResidue(t, "base")
		exponents := make([]*big.Int, rapid.IntRange(1, 3).Draw(t, "exponents"))
		var b element
		b.set(base)
		results, places := make([]element, len(exponents)), []*element(nil)
		var scalars []*scalar
		for i := range exponents {
			exponents[i] = mod(anyResidue(t, "exponent"))
			s := toScalar(exponents[i])
			results[i] = one
			places, scalars = append(places, &results[i]), append(scalars, &s)
		}
		mulPowers(places, &b, scalars...)
		for i, exponent := range exponents {
			public := one
			tables.public.mulPower(&public, scalars[i])
			var secret element
			tables.secret.secretPower(&secret, scalars[i])
			plain := secretPower(&b, exponent)
			for name, c := range map[string]struct {
				got  *element
				base *big.Int
			}{
				"shared squarings": {&results[i], base}, "secret": {&plain, base},
				"table": {&public, fixedBase}, "secret table": {&secret, fixedBase},
			} {
				if want := new(big.Int).Exp(c.base, exponent, groupP); c.got.big().Cmp(want) != 0 {
					t.Fatalf("%s: %v^%v = %v, not %v", name, c.base, exponent, c.got.big(), want)
				}
			}
		}
	})
}

// TestGroup: the parameters make a group of prime order, and inGroup knows who is in it.
func TestGroup(t *testing.T) {
	t.Parallel()
	if !groupP.ProbablyPrime(20) || !groupQ.ProbablyPrime(20) || groupP.BitLen() != 64*limbs {
		t.Fatal("p or q is not a prime of its length")
	}
	cofactor, rest := new(big.Int).QuoRem(new(big.Int).Sub(groupP, big.NewInt(1)), groupQ, new(big.Int))
	if rest.Sign() != 0 {
		t.Fatal("q does not divide p−1")
	}
	for name, c := range map[string]struct {
		x    *big.Int
		want bool
	}{
		"g":             {groupG, true},
		"1":             {big.NewInt(1), true},
		"−1, order 2":   {new(big.Int).Sub(groupP, big.NewInt(1)), false},
		"−g":            {new(big.Int).Sub(groupP, groupG), false},
		"2":             {big.NewInt(2), false},
		"2^cofactor":    {new(big.Int).Exp(big.NewInt(2), cofactor, groupP), true},
		"order 3 times": {cubeRoot(), false},
	} {
		var e element
		e.set(c.x)
		if got := inGroup(&e); got != c.want {
			t.Errorf("%s: in the group: %v", name, got)
		}
	}
}

// cubeRoot is g times an element of order 3.
func cubeRoot() *big.Int {
	third := new(big.Int).Div(new(big.Int).Sub(groupP, big.NewInt(1)), big.NewInt(3))
	for base := int64(2); ; base++ {
		root := new(big.Int).Exp(big.NewInt(base), third, groupP)
		if root.Cmp(big.NewInt(1)) != 0 {
			return residue(root.Mul(root, groupG))
		}
	}
}

func BenchmarkMul(b *testing.B) {
	x := one
	for b.Loop() {
		x.mul(&x, &montgome)
	}
}

func BenchmarkSquare(b *testing.B) {
	x := montgome
	for b.Loop() {
		x.square(&x)
	}
}
