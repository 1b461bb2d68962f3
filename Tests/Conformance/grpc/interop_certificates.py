# Sidetone
# SPDX-License-Identifier: Apache-2.0
"""Certificates for one run: two authorities, a server, a client, and a client of the wrong one."""

import datetime
import ipaddress
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _issue(name, key, issuer, issuer_key, extensions):
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(issuer))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(hours=1))
               .not_valid_after(now + datetime.timedelta(days=1)))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


class Certificates:
    """Paths of PEM files in `folder`."""

    def __init__(self, folder):
        self.folder = folder
        for authority in ("authority", "stranger-authority"):
            key = ec.generate_private_key(ec.SECP256R1())
            self._write(authority, key, _issue(authority, key, authority, key, [
                (x509.BasicConstraints(ca=True, path_length=None), True),
                (x509.KeyUsage(False, False, False, False, False, True, True, False, False), True),
            ]))
            usages = {"authority": (("server", ExtendedKeyUsageOID.SERVER_AUTH),
                                    ("client", ExtendedKeyUsageOID.CLIENT_AUTH)),
                      "stranger-authority": (("stranger", ExtendedKeyUsageOID.CLIENT_AUTH),)}
            for name, usage in usages[authority]:
                self._leaf(name, usage, authority, key)

    def _leaf(self, name, usage, authority, authority_key):
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        self._write(name, key, _issue(name, key, authority, authority_key, [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.SubjectAlternativeName(names), False),
            (x509.ExtendedKeyUsage([usage]), False),
        ]))

    def _write(self, name, key, certificate):
        with open(self.path(name), "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
        with open(self.key_path(name), "wb") as file:
            file.write(key.private_bytes(serialization.Encoding.PEM,
                                         serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption()))

    def path(self, name):
        return os.path.join(self.folder, name + ".pem")

    def key_path(self, name):
        return os.path.join(self.folder, name + ".key")

    def pem(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def key_pem(self, name):
        with open(self.key_path(name), "rb") as file:
            return file.read()
