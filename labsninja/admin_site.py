"""x"""
from django.contrib.admin import AdminSite


class PlatformAdminSite(AdminSite):
    pass
