// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {Economy} from "./support/Economy.sol";
import {Wallet} from "./support/Payers.sol";

/// Takes any call and answers nothing.
contract Phantom {
    fallback() external payable {}
}

/// What a contributor signs, and what others may do with it.
contract LineageAttestationTest is Economy {
    event Contributed(
        bytes32 indexed datanetId,
        address indexed contributor,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        uint32 recordCount,
        uint64 sizeBytes,
        string licence
    );
    event AttestationRevoked(address indexed contributor, bytes32 indexed digest);

    uint256 internal constant KEY = 0xC0;
    // Order of the curve: s' = N - s signs the same.
    uint256 internal constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    address internal contributor;
    bytes32 internal datanet;
    uint256 internal deadline;

    function setUp() public override {
        super.setUp();
        contributor = vm.addr(KEY);
        datanet = registry.createDatanet(datanetTerms("first"));
        deadline = block.timestamp + 1 hours;
    }

    function sign(address who, ILineageRegistry.ContributionBatch memory given) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, registry.attestationDigest(who, datanet, given, deadline));
        return abi.encodePacked(r, s, v);
    }

    function submit(address who, ILineageRegistry.ContributionBatch memory given, bytes memory signature) internal {
        vm.prank(STRANGER);
        registry.contributeFor(who, datanet, given, deadline, signature);
    }

    function forged(address who, ILineageRegistry.ContributionBatch memory given) internal view returns (bytes memory) {
        bytes32 digest = registry.attestationDigest(who, datanet, given, deadline);
        return abi.encodeWithSelector(ILineageRegistry.LineageAttestationForged.selector, who, digest);
    }

    function test_AnybodySubmitsWhatTheContributorSigned() public {
        bytes memory signature = sign(contributor, batch());
        vm.expectEmit(address(registry));
        emit Contributed(datanet, contributor, "manifest", "records", 7, 7_000, "MIT");
        submit(contributor, batch(), signature);
        bytes32 digest = registry.attestationDigest(contributor, datanet, batch(), deadline);
        require(registry.isAttestationUsed(contributor, digest), "used");
    }

    function test_AnAttestationIsTheTypedDataThatTheInterfaceSays() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("OpenLedger Lineage"),
                keccak256("1"),
                block.chainid,
                address(registry)
            )
        );
        bytes32 signed = keccak256(
            abi.encode(
                keccak256(
                    "ContributionAttestation(address contributor,bytes32 datanetId,bytes32 manifestDigest,bytes32 recordRoot,uint32 recordCount,uint64 sizeBytes,string licence,string statement,uint256 deadline)" // solhint-disable-line max-line-length
                ),
                contributor,
                datanet,
                bytes32("manifest"),
                bytes32("records"),
                uint256(7),
                uint256(7_000),
                keccak256("MIT"),
                keccak256(bytes(registry.RIGHTS_STATEMENT())),
                deadline
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, signed));
        equal(registry.attestationDigest(contributor, datanet, batch(), deadline), digest, "digest");
    }

    function test_AnAttestationIsSubmittedOnce() public {
        bytes memory signature = sign(contributor, batch());
        submit(contributor, batch(), signature);
        bytes32 digest = registry.attestationDigest(contributor, datanet, batch(), deadline);
        bytes memory used = abi.encodeWithSelector(ILineageRegistry.LineageAttestationUsed.selector, digest);
        vm.expectRevert(used);
        submit(contributor, batch(), signature);
        // Nor by another signature of the same, as the curve allows.
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        vm.expectRevert(used);
        submit(contributor, batch(), abi.encodePacked(r, N - uint256(s), v == 27 ? uint8(28) : uint8(27)));
    }

    function test_AMalleatedSignatureIsRefused() public {
        bytes32 digest = registry.attestationDigest(contributor, datanet, batch(), deadline);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest);
        bytes memory reason = forged(contributor, batch());
        vm.expectRevert(reason);
        submit(contributor, batch(), abi.encodePacked(r, N - uint256(s), v == 27 ? uint8(28) : uint8(27)));
        vm.expectRevert(reason);
        submit(contributor, batch(), "");
    }

    function test_AnAttestationHoldsForItsOwnBatchContributorAndTimeAlone() public {
        bytes memory signature = sign(contributor, batch());
        bytes memory reason = forged(STRANGER, batch());
        vm.expectRevert(reason);
        submit(STRANGER, batch(), signature);
        reason = forged(address(0), batch());
        vm.expectRevert(reason);
        submit(address(0), batch(), signature);

        ILineageRegistry.ContributionBatch[5] memory others = [batch(), batch(), batch(), batch(), batch()];
        others[0].manifestDigest = "other";
        others[1].recordRoot = "other";
        others[2].recordCount = 8;
        others[3].sizeBytes = 7_001;
        others[4].licence = "BSD";
        for (uint256 i; i < 5; ++i) {
            reason = forged(contributor, others[i]);
            vm.expectRevert(reason);
            submit(contributor, others[i], signature);
        }
        deadline += 1;
        reason = forged(contributor, batch());
        vm.expectRevert(reason);
        submit(contributor, batch(), signature);
        deadline -= 1;
        bytes32 first = datanet;
        datanet = registry.createDatanet(datanetTerms("second"));
        reason = forged(contributor, batch());
        vm.expectRevert(reason);
        submit(contributor, batch(), signature);
        datanet = first;
        submit(contributor, batch(), signature);
    }

    function test_AnAttestationHoldsOnNoOtherChainAndInNoOtherContract() public {
        bytes memory signature = sign(contributor, batch());
        vm.chainId(block.chainid + 1);
        bytes memory reason = forged(contributor, batch());
        vm.expectRevert(reason);
        submit(contributor, batch(), signature);
        vm.chainId(block.chainid - 1);
        ILineageRegistry one = registry;
        registry = ILineageRegistry(
            proxy("LineageRegistry", abi.encodeCall(ILineageRegistry.initialize, (GOVERNOR, GUARDIAN, ATTESTER)))
        );
        equal(registry.createDatanet(datanetTerms("first")), datanet, "the same Datanet there");
        reason = forged(contributor, batch());
        vm.expectRevert(reason);
        submit(contributor, batch(), signature);
        registry = one;
        submit(contributor, batch(), signature);
    }

    function test_AnAttestationIsSubmittedUpToItsDeadline() public {
        bytes memory signature = sign(contributor, batch());
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ILineageRegistry.LineageAttestationExpired.selector, deadline));
        submit(contributor, batch(), signature);
        vm.warp(deadline);
        submit(contributor, batch(), signature);
    }

    function test_AnAttestationOfWhatTheRegistryRefusesIsRefused() public {
        ILineageRegistry.ContributionBatch memory empty = batch();
        empty.recordCount = 0;
        bytes memory signature = sign(contributor, empty);
        vm.expectRevert(ILineageRegistry.LineageNoRecords.selector);
        submit(contributor, empty, signature);
    }

    function test_AWalletWithCodeAttestsToo() public {
        Wallet wallet = new Wallet(contributor);
        bytes memory signature = sign(address(wallet), batch());
        vm.expectEmit(address(registry));
        emit Contributed(datanet, address(wallet), "manifest", "records", 7, 7_000, "MIT");
        submit(address(wallet), batch(), signature);
        // The same key behind another wallet signed nothing for that one.
        Wallet other = new Wallet(contributor);
        bytes memory reason = forged(address(other), batch());
        vm.expectRevert(reason);
        submit(address(other), batch(), signature);
    }

    function test_AContractThatAnswersNothingAttestedNothing() public {
        address phantom = address(new Phantom());
        bytes memory reason = forged(phantom, batch());
        vm.expectRevert(reason);
        submit(phantom, batch(), "");
    }

    function test_ACuratedDatanetWithoutRulesTakesNoAttestation() public {
        datanet = registry.createDatanet(curatedTerms("curated", true));
        bytes memory signature = sign(contributor, batch());
        vm.expectRevert(ILineageRegistry.LineageNoRules.selector);
        submit(contributor, batch(), signature);
    }

    function test_AContributorTakesAnAttestationBack() public {
        bytes memory signature = sign(contributor, batch());
        bytes32 digest = registry.attestationDigest(contributor, datanet, batch(), deadline);
        vm.prank(STRANGER);
        registry.revokeAttestation(digest); // is nothing to the contributor's
        vm.expectEmit(address(registry));
        emit AttestationRevoked(contributor, digest);
        vm.prank(contributor);
        registry.revokeAttestation(digest);
        bytes memory used = abi.encodeWithSelector(ILineageRegistry.LineageAttestationUsed.selector, digest);
        vm.expectRevert(used);
        submit(contributor, batch(), signature);
        vm.prank(contributor);
        vm.expectRevert(used);
        registry.revokeAttestation(digest);
    }
}
