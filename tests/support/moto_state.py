"""Empties the moto server of this process.

moto's own reset first makes every region that was used anew and then drops it: for EC2 that is
1,300 images, 50 ms a region. And two caches of moto's methods keep what is dropped, 8 MB for each
region of EC2.
"""

from __future__ import annotations

from moto.core.base_backend import AccountSpecificBackend, BackendDict, BaseBackend, backend_lock
from moto.core.model_instances import reset_model_data
from moto.ec2.models.subnets import Subnet


def empty() -> None:
    """Drop all that was made in it, in all accounts and regions."""
    with backend_lock:
        for service in BackendDict._instances:  # type: ignore[misc]
            for regions in service.values():
                for backend in regions.values():
                    # Those with a reset of their own have files or threads to end.
                    if type(backend).reset is not BaseBackend.reset:
                        backend.reset()
            service.clear()
        BackendDict._instances.clear()  # type: ignore[misc]
    for cache in (AccountSpecificBackend._generate_regions, Subnet._base_avail_ip_iterator):
        cache.cache_clear()
    reset_model_data()
