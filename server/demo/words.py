"""What the demo's companies, sites, jobs and reports are called, and what the reports say."""
# ruff: noqa: E501  (the reports' prose is broken where it reads well)

from __future__ import annotations

from dataclasses import dataclass

# Company and industry, by country; invented names.
COMPANIES: dict[str, tuple[tuple[str, str], ...]] = {
    "GB": (
        ("Northgate Retail Group", "Retail"), ("Calder Valley Foods", "Food production"),
        ("Harrow & Pike Logistics", "Logistics"), ("St Brannock Hospitals Trust", "Healthcare"),
        ("Tideway Data Centres", "Data centres"), ("Merrion Quays Estates", "Property"),
        ("Ashcombe Colleges", "Education"), ("Pennine Cold Stores", "Logistics"),
        ("Larkfield Pharmaceuticals", "Pharmaceuticals"), ("Kestrel Rail Depots", "Transport"),
        ("Old Exchange Hotels", "Hospitality"), ("Wyvern Self Storage", "Storage"),
        ("Bramley Garden Centres", "Retail"), ("Foxholt Precision", "Manufacturing"),
        ("Solent Marine Works", "Manufacturing"), ("Ridley Road Studios", "Media"),
        ("Clifton Spa Dental", "Healthcare"), ("Lochend Distillers", "Food production"),
        ("Marlow Court Housing", "Property"), ("Ebbw Paper Mills", "Manufacturing"),
        ("Highmoor Energy", "Energy"), ("Tern Bay Leisure", "Leisure"),
        ("Quarrybank Builders Merchants", "Wholesale"), ("Saltmarsh Museums", "Culture"),
    ),
    "DE": (
        ("Hansekontor Lagerhaus", "Logistics"), ("Rheinblick Kliniken", "Healthcare"),
        ("Weißdorn Elektronik", "Manufacturing"), ("Falkenhagen Immobilien", "Property"),
        ("Donauwerk Maschinenbau", "Manufacturing"), ("Spreehöfe Einzelhandel", "Retail"),
        ("Nordlicht Rechenzentren", "Data centres"), ("Kaltenbach Molkerei", "Food production"),
        ("Taunus Messebau", "Events"), ("Birkenau Schulen", "Education"),
    ),
    "US": (
        ("Copperline Warehousing", "Logistics"), ("Lakeshore Medical Partners", "Healthcare"),
        ("Juniper Ridge Outlets", "Retail"), ("Blue Heron Data", "Data centres"),
        ("Ironwood Fabrication", "Manufacturing"), ("Prairie Gate Schools", "Education"),
        ("Summit Avenue Residences", "Property"), ("Gulf Crest Refining Services", "Energy"),
        ("Redwing Theaters", "Leisure"), ("Cascade Grocers", "Retail"),
    ),
    "PH": (
        ("Bayani Shared Services", "Outsourcing"), ("Luntian Malls", "Retail"),
        ("Perlas Shipping Terminals", "Transport"), ("Tala Semiconductor", "Manufacturing"),
        ("Habagat Hotels", "Hospitality"), ("Narra Heights Condominiums", "Property"),
    ),
    "ES": (
        ("Almacenes Ribera Alta", "Logistics"), ("Clínicas Mirasol", "Healthcare"),
        ("Puerto Norte Conservas", "Food production"), ("Hoteles Brisa de Teide", "Hospitality"),
        ("Talleres Guadarrama", "Manufacturing"),
    ),
    "FR": (
        ("Entrepôts du Vieux Port", "Logistics"), ("Cliniques de l'Aubier", "Healthcare"),
        ("Maison Verneuil Grands Magasins", "Retail"), ("Ateliers Garonne", "Manufacturing"),
        ("Résidences Belle-Rive", "Property"),
    ),
}  # fmt: skip

SITE_KINDS: dict[str, tuple[str, ...]] = {
    "Retail": ("Store", "Distribution Centre", "Flagship Store"),
    "Logistics": ("Warehouse", "Cross-dock", "Truck Park"),
    "Healthcare": ("Hospital", "Clinic", "Laboratory"),
    "Data centres": ("Data Hall A", "Data Hall B", "Substation"),
    "Property": ("Tower", "Residences", "Car Park"),
    "Education": ("Campus", "Library", "Sports Hall"),
    "Manufacturing": ("Plant", "Tool Shop", "Goods Yard"),
    "Hospitality": ("Hotel", "Conference Wing", "Laundry"),
    "Food production": ("Plant", "Cold Store", "Loading Dock"),
}
OTHER_SITES = ("Head Office", "Depot", "Annex", "Main Building")


@dataclass(frozen=True)
class Work:
    """A kind of job: its title, what is done, how long it takes in minutes, and its priorities by weight."""

    title: str
    description: str
    minutes: tuple[int, int]
    priorities: str


WORK = (
    Work(
        "Night patrol",
        "Walk the perimeter and all floors three times; test doors, windows and alarms.",
        (360, 600),
        "NNNH",
    ),
    Work("Static guard, main gate", "Check passes and deliveries, keep the visitors' book.", (480, 720), "NNN"),
    Work("Keyholding call-out", "Attend the alarm, find its cause, secure the building and reset.", (45, 150), "HHC"),
    Work("Reception cover", "Front desk for the shift; badges and switchboard.", (480, 540), "LN"),
    Work("Fire extinguisher inspection", "Check pressure, seals and signs; replace what has expired.", (90, 240), "N"),
    Work("CCTV maintenance", "Clean and align cameras, check the recordings of the last 30 days.", (120, 300), "NH"),
    Work("Deep clean, common areas", "Floors, lifts, stairwells and entrance glass.", (240, 420), "LN"),
    Work(
        "Air handling filter change",
        "Change F7 filters, note the differential pressure before and after.",
        (120, 240),
        "N",
    ),
    Work("Emergency lighting test", "Three-hour discharge test, list of failed fittings.", (180, 240), "NH"),
    Work(
        "Access control repair",
        "Reader does not answer; test the controller and the wiring, replace if needed.",
        (60, 180),
        "HHN",
    ),
    Work(
        "Escort of contractors",
        "Meet the contractors, stay with them in restricted areas, sign them out.",
        (240, 480),
        "N",
    ),
    Work("Leak at plant room", "Find the leak, isolate, make good and dry.", (60, 240), "HC"),
    Work("Grounds and car park check", "Lighting, barriers, markings and litter.", (60, 120), "LN"),
    Work("Evacuation drill", "Prepare with the fire wardens, run the drill, write up the times.", (90, 150), "N"),
)

ROLES = ("Facilities Manager", "Head of Security", "Site Supervisor", "Operations Director", "Office Manager",
         "Procurement Lead", "Health and Safety Officer", "Accounts Payable")  # fmt: skip

NOTES = (
    "Prefers to be called before ten. Pays late in December, never otherwise.",
    "Renewal at risk: a competitor was shown around in spring. Offer the combined patrol and cleaning rate.",
    "Do not send trainees here. The client asked for the same two guards each night.",
    "Margin is thin; next indexation must follow the wage agreement in full.",
    "Good reference. Ask before naming them in tenders.",
    "The keys of the annex are still with the former contractor.",
)
TERMS = (
    "Rates follow the sector's wage agreement and are reviewed every January. Cancellation with less than 24 hours'"
    " notice is charged at half the planned hours. Liability is limited to five million per event.",
    "Minimum booking four hours. Night supplement of 20 % between 22:00 and 06:00. Material is charged at cost plus 8 %.",
    "Response within two hours for call-outs of high priority, four hours otherwise; each missed response earns a"
    " credit of 5 % of the monthly fee.",
)

OPENINGS: dict[str, tuple[str, ...]] = {
    "ACTIVITY": (
        "This report sums up the service at {site} from {start} to {end}. All planned shifts were covered and the handover"
        " book was kept without gaps.",
        "Between {start} and {end} the team at {site} worked as planned. One shift was covered by the relief pool after a"
        " short-notice illness; the client was told the same evening.",
    ),
    "INCIDENT": (
        "On the night of {end} the patrol at {site} found the fire door on the loading side ajar at 02:40. There were no"
        " signs of force and nothing was reported missing.",
        "At {site} the intruder alarm of zone 4 was raised on {end} at 23:15. The keyholder arrived within 31 minutes and"
        " found a roller shutter that had not closed fully.",
        "A visitor slipped on the wet floor of the entrance at {site} on {end}. First aid was given on the spot; an"
        " ambulance was offered and declined.",
    ),
    "INSPECTION": (
        "{site} was inspected on {end} together with the client's representative. Forty-two points were checked, of which"
        " thirty-nine were in order.",
        "The quarterly inspection of {site} took place on {end}. The condition of the building is good; the remarks below"
        " are minor but should not wait for the next visit.",
    ),
    "PERFORMANCE": (
        "In the period from {start} to {end} the service at {site} met its targets: 98.4 % of the planned hours were"
        " worked and every call-out was answered within the agreed time.",
        "The service at {site} between {start} and {end} stayed slightly below its target. Two of eleven call-outs were"
        " answered late, both during the same storm.",
    ),
}
MIDDLES: dict[str, tuple[str, ...]] = {
    "ACTIVITY": (
        "Sixty-three patrols were walked. On four of them windows were found open and closed; twice lights were left on in"
        " the east stairwell. Deliveries outside of the agreed hours came three times, each time announced by telephone.",
        "The key register was checked at the end of the period and is complete. Two badges were reported lost and blocked"
        " within the hour. The radio in the control room was replaced; its battery no longer held a shift.",
    ),
    "INCIDENT": (
        "The area was searched with the camera room on the radio, and the recordings of the hour before were secured. The"
        " door's contact reported it as closed throughout, which points to a worn latch.",
        "The control room informed the client's duty manager at once. Police were not called, in agreement with the client."
        " Two witnesses gave statements, which are kept with this report.",
    ),
    "INSPECTION": (
        "Open points: one emergency exit sign without light on the second floor; a trolley in front of hydrant H3; and the"
        " visitors' book of the back entrance, which had no entries for two days.",
        "Extinguishers, first-aid boxes and the defibrillator are within their dates. The fire wardens' list still names"
        " two people who have left and should be renewed.",
    ),
    "PERFORMANCE": (
        "Average response to call-outs was 47 minutes against an agreed 60. Three complaints were received, all about the"
        " noise of cleaning machines before seven in the morning; the round now begins with the far wing.",
        "Staff turnover was one in fourteen. The new colleague completed the site induction and two shadow shifts before"
        " working alone. Training hours were 22, above the plan of 18.",
    ),
}
ENDINGS = (
    "Next steps: we keep the present plan and look again at the loading side in the coming period. Please tell us if"
    " opening hours change over the holidays.",
    "We ask the client to have the points above repaired within two weeks; our supervisor will check them on the next"
    " visit and close them here.",
    "Nothing further is needed from the client. The supervisor thanks the reception team for the good co-operation.",
)
