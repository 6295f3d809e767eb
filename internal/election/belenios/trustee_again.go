package belenios

// Trustee is the public part of k, with a new proof that it is known.
func (k PrivateKey) Trustee() Trustee {
	public := k.Public()
	return Trustee{PoK: prove(&k.X.Int, proofPrefix(public.String())), PublicKey: public}
}
