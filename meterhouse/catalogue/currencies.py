"""ISO 4217: the currencies that need no row in pricing_units."""

_TWO_DECIMALS = """
aed afn all amd aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd btn bwp byn bzd cad cdf chf
cny cop crc cup cve czk dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gtq gyd hkd hnl htg
huf idr ils inr irr jmd kes kgs khr kpw kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mru
mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr
sdg sek sgd shp sle sos srd ssp stn svc syp szl thb tjs tmt top try ttd twd tzs uah usd uyu uzs ves
wst xcd xcg yer zar zmw zwg
"""
_NO_DECIMALS = "bif clp djf gnf isk jpy kmf krw pyg rwf ugx vnd vuv xaf xof xpf"
_THREE_DECIMALS = "bhd iqd jod kwd lyd omr tnd"

#: Code in lower case -> digits after the point of its minor unit.
CURRENCIES: dict[str, int] = {
    code: digits for digits, codes in ((0, _NO_DECIMALS), (2, _TWO_DECIMALS), (3, _THREE_DECIMALS)) for code in codes.split()
}
