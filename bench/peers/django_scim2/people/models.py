"""Users and groups with what django-scim2 wants of them: its mix-ins on Django's own user."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class User(AbstractSCIMUserMixin, AbstractUser):
    """A person: user name, names, one e-mail address and whether active are all that is kept."""


class Group(AbstractSCIMGroupMixin):
    """A group of people."""

    name = models.CharField(max_length=254, unique=True)
    members = models.ManyToManyField(User, related_name="scim_groups", blank=True)

    @property
    def user_set(self) -> models.Manager[User]:
        """What the package calls the members."""
        found: models.Manager[User] = self.members
        return found
