"""The schema of METS as metsrw ships it; what it imports is answered for here."""

from __future__ import annotations

from pathlib import Path

import metsrw
from lxml import etree

XLINK = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/1999/xlink">
  <xs:attribute name="href" type="xs:anyURI"/><xs:attribute name="role" type="xs:string"/>
  <xs:attribute name="arcrole" type="xs:string"/><xs:attribute name="title" type="xs:string"/>
  <xs:attribute name="show" type="xs:string"/><xs:attribute name="actuate" type="xs:string"/>
  <xs:attribute name="label" type="xs:string"/><xs:attribute name="from" type="xs:string"/>
  <xs:attribute name="to" type="xs:string"/>
  <xs:attributeGroup name="simpleLink"><xs:attribute name="type" fixed="simple"/>
    <xs:attribute ref="href"/><xs:attribute ref="role"/><xs:attribute ref="arcrole"/>
    <xs:attribute ref="title"/><xs:attribute ref="show"/><xs:attribute ref="actuate"/>
  </xs:attributeGroup>
  <xs:attributeGroup name="extendedLink"/>
  <xs:attributeGroup name="locatorLink"><xs:attribute name="type" fixed="locator"/>
    <xs:attribute ref="href" use="required"/><xs:attribute ref="role"/>
    <xs:attribute ref="title"/><xs:attribute ref="label"/></xs:attributeGroup>
  <xs:attributeGroup name="arcLink"><xs:attribute name="type" fixed="arc"/>
    <xs:attribute ref="arcrole"/><xs:attribute ref="title"/><xs:attribute ref="show"/>
    <xs:attribute ref="actuate"/><xs:attribute ref="from"/><xs:attribute ref="to"/>
  </xs:attributeGroup>
</xs:schema>"""


PREMIS_FILE = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="http://www.loc.gov/premis/v3">
  <xs:complexType name="file"><xs:sequence>
    <xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
    <xs:anyAttribute processContents="skip"/></xs:complexType>
</xs:schema>"""


class Local(etree.Resolver):
    """Answers for the schemas that METS and its content import; nothing is fetched."""

    def resolve(self, url, public_id, context):
        known = {"xlink.xsd": XLINK, "premis.xsd": PREMIS_FILE}
        found = known.get(url.rpartition("/")[2])
        return self.resolve_string(found, context) if found else None


def mets_schema():
    """Return the schema of METS that metsrw ships, with what it imports."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    path = Path(metsrw.__file__).parent / "resources" / "mets.xsd"
    schema = etree.parse(path, parser)
    imported = etree.Element("{http://www.w3.org/2001/XMLSchema}import")
    imported.set("namespace", "http://www.loc.gov/premis/v3")
    imported.set("schemaLocation", "premis.xsd")
    schema.getroot().insert(0, imported)
    return etree.XMLSchema(schema)
